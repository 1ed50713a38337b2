"""Multivalue: up to eight of the healthy records, chosen by chance; of all of them where none is healthy."""

from collections.abc import Sequence

from panregion.edge.policies.choice import ALL_UNHEALTHY, Choice, Circumstances, usable
from panregion.services.route53.model import RecordSet

ANSWERS_MAX = 8


def choose(records: Sequence[RecordSet], circumstances: Circumstances) -> Choice:
    candidates, none_healthy = usable(records, circumstances.healthy)
    shuffled = sorted(candidates, key=lambda _: circumstances.chance.random())
    why = f"{min(len(candidates), ANSWERS_MAX)} of {len(candidates)} healthy records"
    return Choice(shuffled[:ANSWERS_MAX], ALL_UNHEALTHY if none_healthy else why, drawn=len(candidates) > 1)
