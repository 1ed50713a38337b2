"""Which operation of a REST service a method, a path, a query string and headers mean.

The paths of a service are compiled into a trie of their segments: literals are tried before labels, and a greedy
label (`{Key+}`) takes what is left. Several operations may share a method and a path. They are told apart by the
literals in their query (`?uploads`, `?list-type=2`), and then by the query parameters and headers that they
require: of GetObject and ListParts the one with an uploadId is ListParts.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import unquote

from panregion.wire.model import ServiceModel, Shape
from panregion.world.http import Request

Labels = dict[str, str]
QueryValues = Mapping[str, list[str]]
Ending = tuple[str, ...]


@dataclass(frozen=True)
class Route:
    operation: str
    query_literals: tuple[tuple[str, str | None], ...]
    """Name and value that the query must have; no value: the name is enough."""
    required_query: tuple[str, ...]
    required_headers: tuple[str, ...]
    deprecated: bool
    order: int

    def fits(self, query: QueryValues) -> bool:
        return all(name in query and (value is None or value in query[name]) for name, value in self.query_literals)

    def rank(self, request: Request, query: QueryValues) -> tuple[int, bool, int, bool, int]:
        """The greatest is meant. Where none has all it requires, the check of parameters will say what is missing."""
        complete = all(name in query for name in self.required_query) and all(
            request.header(name) is not None for name in self.required_headers
        )
        required = len(self.required_query) + len(self.required_headers)
        return len(self.query_literals), complete, required if complete else -required, not self.deprecated, -self.order


@dataclass
class Node:
    literals: dict[str, "Node"] = field(default_factory=dict)
    labels: dict[str, "Node"] = field(default_factory=dict)
    greedy: dict[tuple[str, Ending], list[Route]] = field(default_factory=dict)
    """By label and by what has to come after it: `{Name+}/policy`."""
    routes: list[Route] = field(default_factory=list)


def find(model: ServiceModel, request: Request, path: str, query: QueryValues) -> tuple[str, Labels] | None:
    """The operation and the labels of its path, decoded. `path` is raw: a slash inside a label is %2F."""
    segments = path.lstrip("/").split("/") if model.name != "s3" else path.removeprefix("/").split("/")
    best: tuple[tuple[int, bool, int, bool, int], str, Labels] | None = None
    for routes, labels in _walk(_table(model).get(request.method) or Node(), segments, {}):
        for route in routes:
            if route.fits(query):
                rank = route.rank(request, query)
                if best is None or rank > best[0]:
                    best = (rank, route.operation, labels)
        if best is not None:
            return best[1], best[2]  # the first path that has an operation is the most particular one
    return None


def _walk(node: Node, segments: list[str], labels: Labels) -> Iterator[tuple[list[Route], Labels]]:
    if not segments or segments == [""]:
        if node.routes:
            yield node.routes, labels
        return
    first, rest = segments[0], segments[1:]
    literal = node.literals.get(first)
    if literal is not None:
        yield from _walk(literal, rest, labels)
    if first:
        for name, below in node.labels.items():
            yield from _walk(below, rest, {**labels, name: unquote(first)})
    for (name, ending), routes in sorted(node.greedy.items(), key=_longest_ending_first):
        size = len(segments) - len(ending)
        if size > 0 and tuple(segments[size:]) == ending:
            yield routes, {**labels, name: unquote("/".join(segments[:size]))}


def _longest_ending_first(greedy: tuple[tuple[str, Ending], list[Route]]) -> int:
    return -len(greedy[0][1])


@cache
def _table(model: ServiceModel) -> dict[str, Node]:
    """A trie for each HTTP method."""
    table: dict[str, Node] = {}
    for order, name in enumerate(model.operation_names):
        definition = model.definition(name)
        path, _, query = definition.http.request_uri.partition("?")
        root = table.setdefault(definition.http.method, Node())
        _insert(root, path, _route(model, name, query, order))
    return table


def _insert(node: Node, path: str, route: Route) -> None:
    segments = path.strip("/").split("/")
    for position, segment in enumerate(segments):
        if segment.startswith("{") and segment.endswith("+}"):
            ending = tuple(segments[position + 1 :])
            node.greedy.setdefault((segment[1:-2], ending), []).append(route)
            return
        if segment.startswith("{"):
            node = node.labels.setdefault(segment[1:-1], Node())
        elif segment:
            node = node.literals.setdefault(segment, Node())
    node.routes.append(route)


def _route(model: ServiceModel, name: str, query: str, order: int) -> Route:
    definition = model.definition(name)
    literals = [pair.partition("=") for pair in query.split("&") if pair]
    shape = model.shape(definition.input) if definition.input else None
    return Route(
        operation=name,
        query_literals=tuple((name, value if equals else None) for name, equals, value in literals),
        required_query=_required(shape, "querystring"),
        required_headers=tuple(name.lower() for name in _required(shape, "header")),
        deprecated=definition.deprecated,
        order=order,
    )


def _required(shape: Shape | None, location: str) -> tuple[str, ...]:
    if shape is None:
        return ()
    members = ((name, shape.members[name]) for name in shape.required)
    return tuple(member.location_name or name for name, member in members if member.location == location)
