"""Which route takes a request. Pure.

A route that names the whole path wins over one that ends in `{proxy+}`, and `$default` takes the rest. Among equals a
literal part wins over a variable, the longer prefix over the shorter, and a route for the method over ANY.
"""

from dataclasses import dataclass
from urllib.parse import unquote

from panregion.services.apigatewayv2.model import DEFAULT, Authorizer, Integration, Route, Snapshot

LITERAL, VARIABLE, GREEDY = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Pattern:
    """A route, taken apart."""

    route: Route
    method: str
    parts: tuple[tuple[int, str], ...]

    @property
    def rank(self) -> tuple[bool, tuple[int, ...], bool]:
        """Smaller comes first."""
        kinds = tuple(kind for kind, _ in self.parts)
        return GREEDY in kinds, kinds, self.method == "ANY"

    def match(self, method: str, parts: list[str]) -> dict[str, str] | None:
        """The values of its variables, or None where it does not fit."""
        if self.method not in ("ANY", method):
            return None
        values: dict[str, str] = {}
        for at, (kind, name) in enumerate(self.parts):
            if kind == GREEDY:
                rest = parts[at:]
                return {**values, name: unquote("/".join(rest))} if rest else None
            if at >= len(parts):
                return None
            if kind == VARIABLE:
                values[name] = unquote(parts[at])
            elif unquote(parts[at]) != name:
                return None
        return values if len(parts) == len(self.parts) else None


@dataclass(frozen=True, slots=True)
class Match:
    """The route of a request, its integration, what its path's variables took, and who is asked whether it may."""

    route: Route
    integration: Integration
    parameters: dict[str, str]
    authorizer: Authorizer | None = None


class Routes:
    """The routes of one deployment."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._integrations = {f"integrations/{i.integration_id}": i for i in snapshot.integrations}
        self._authorizers = {authorizer.authorizer_id: authorizer for authorizer in snapshot.authorizers}
        routes = [route for route in snapshot.routes if route.target in self._integrations]
        self._default = next((route for route in routes if route.route_key == DEFAULT), None)
        self._patterns = sorted((pattern(r) for r in routes if r.route_key != DEFAULT), key=lambda p: p.rank)

    def match(self, method: str, path: str) -> Match | None:
        """The route for a method and a raw path without its stage."""
        parts = split(path)
        for candidate in self._patterns:
            values = candidate.match(method, parts)
            if values is not None:
                return self._found(candidate.route, values)
        return None if self._default is None else self._found(self._default, {})

    def _found(self, route: Route, values: dict[str, str]) -> Match:
        authorizer = self._authorizers.get(route.authorizer_id or "")
        return Match(route, self._integrations[route.target or ""], values, authorizer)


def pattern(route: Route) -> Pattern:
    method, _, path = route.route_key.partition(" ")
    return Pattern(route, method, tuple(map(_part, split(path))))


def _part(text: str) -> tuple[int, str]:
    if text.startswith("{") and text.endswith("+}"):
        return GREEDY, text[1:-2]
    if text.startswith("{") and text.endswith("}"):
        return VARIABLE, text[1:-1]
    return LITERAL, text


def split(path: str) -> list[str]:
    inner = path.strip("/")
    return inner.split("/") if inner else []
