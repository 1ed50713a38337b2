"""A deployment compiled for serving: paths to resources, and everything by its identifier.

A tree of path parts. At each part a literal wins over `{name}`, which wins over `{name+}`; a choice that leads
nowhere is taken back. Resources without methods are not deployed, so they hide nothing.
"""

from dataclasses import dataclass, field
from urllib.parse import unquote

from panregion.services.apigateway.model import (
    Authorizer,
    GatewayResponse,
    Method,
    Resource,
    RestApi,
    Snapshot,
)


@dataclass(slots=True)
class Node:
    """One part of a path."""

    literals: dict[str, "Node"] = field(default_factory=dict)
    variable: tuple[str, "Node"] | None = None
    greedy: tuple[str, Resource] | None = None
    resource: Resource | None = None


@dataclass(slots=True)
class Match:
    """The resource of a request, and the values that its variables took, decoded."""

    resource: Resource
    parameters: dict[str, str]

    def method(self, verb: str) -> Method | None:
        return self.resource.methods.get(verb) or self.resource.methods.get("ANY")


class Routes:
    """The paths of one deployment."""

    def __init__(self, resources: list[Resource]) -> None:
        self._root = Node()
        for resource in resources:
            if resource.methods:
                self._add(resource)

    def _add(self, resource: Resource) -> None:
        node = self._root
        for part in split(resource.path):
            if part.endswith("+}"):
                node.greedy = (part[1:-2], resource)
                return
            if part.startswith("{"):
                if node.variable is None:
                    node.variable = (part[1:-1], Node())
                node = node.variable[1]
            else:
                node = node.literals.setdefault(part, Node())
        node.resource = resource

    def match(self, path: str) -> Match | None:
        """The resource for a raw path (percent-encoded, without the stage), or None."""
        return _walk(self._root, split(path), 0, {})


def _walk(node: Node, parts: list[str], at: int, taken: dict[str, str]) -> Match | None:
    if at == len(parts):
        return None if node.resource is None else Match(node.resource, taken)
    below = node.literals.get(unquote(parts[at]))
    if below is not None:
        found = _walk(below, parts, at + 1, taken)
        if found is not None:
            return found
    if node.variable is not None:
        name, below = node.variable
        found = _walk(below, parts, at + 1, {**taken, name: unquote(parts[at])})
        if found is not None:
            return found
    if node.greedy is not None:
        name, resource = node.greedy
        return Match(resource, {**taken, name: unquote("/".join(parts[at:]))})
    return None


def split(path: str) -> list[str]:
    """The parts of a path; slashes at its ends do not count."""
    inner = path.strip("/")
    return inner.split("/") if inner else []


class Deployed:
    """A snapshot, ready to serve."""

    def __init__(self, deployment_id: str, snapshot: Snapshot) -> None:
        self.id = deployment_id
        self.api: RestApi = snapshot.api
        self.routes = Routes(snapshot.resources)
        self.authorizers: dict[str, Authorizer] = {a.id: a for a in snapshot.authorizers}
        self.validators = {validator.id: validator for validator in snapshot.validators}
        self.models = {model.name: model for model in snapshot.models}
        self.gateway_responses: dict[str, GatewayResponse] = {
            response.response_type: response for response in snapshot.gateway_responses
        }
        self.media_types = MediaTypes(snapshot.api.binary_media_types or [])


class MediaTypes:
    """Which content types an API treats as binary."""

    def __init__(self, names: list[str]) -> None:
        lower = {name.replace("~1", "/").lower() for name in names}
        self._everything = "*/*" in lower
        self._exact = lower
        self._families = {name[:-1] for name in lower if name.endswith("/*")}

    def __bool__(self) -> bool:
        return bool(self._exact)

    def binary(self, header: str | None) -> bool:
        """Whether a Content-Type, or the first type of an Accept, names one of them."""
        if self._everything:
            return True
        if not header or not self._exact:
            return False
        kind = header.split(",")[0].split(";")[0].strip().lower()
        return kind in self._exact or any(kind.startswith(family) for family in self._families)
