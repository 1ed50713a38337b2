"""Which rules of a bus an event matches: by an index that is kept in memory until the bus's rules change."""

from typing import Any, NamedTuple

import msgspec

from panregion.languages.patterns import EVENTS, Index
from panregion.services import Here
from panregion.services.events import layout

Json = dict[str, Any]


class Matcher(NamedTuple):
    version: bytes
    rules: Index


def matching(here: Here, bus: str, event: Json) -> list[str]:
    """The names of the bus's enabled rules that the event matches."""
    matchers: dict[str, Matcher] = here.running.setdefault("events", {})
    version = layout.version(here.tx, bus)
    found = matchers.get(bus)
    if found is None or found.version != version:
        patterns = [
            (rule.name, msgspec.json.decode(rule.pattern))
            for rule in layout.rules(here.tx, bus)
            if rule.pattern is not None and rule.enabled
        ]
        found = matchers[bus] = Matcher(version, Index(patterns, EVENTS))
    return found.rules.matching(event)
