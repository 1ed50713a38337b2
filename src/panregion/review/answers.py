"""Who answers a path: an API's route or a load balancer's rule, followed to the function, or to nothing at all."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Literal

from panregion.review.application import Resource, as_maps, as_text, as_texts, at
from panregion.review.graph import Graph

Kind = Literal["function", "fixed", "another", "nobody", "unknown"]
_APIS = ("AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api")
_BALANCERS = "AWS::ElasticLoadBalancingV2::LoadBalancer"
_TARGETS = "AWS::ElasticLoadBalancingV2::TargetGroup"


@dataclass(frozen=True)
class Answer:
    """Who answers; `fixed` is a mock or a fixed response, `another` an integration that is no function."""

    kind: Kind
    by: tuple[Resource, ...] = ()


@dataclass(frozen=True)
class Route:
    path: str
    """With {variables}; "$default" is any."""
    answer: Answer


def answering(graph: Graph, check: Resource) -> Answer:
    """Who answers a Route 53 health check's request, as far as the templates say."""
    path = (check.text("HealthCheckConfig", "ResourcePath") or "/").partition("?")[0]
    named = graph.named(check, check.at("HealthCheckConfig", "FullyQualifiedDomainName"))
    for start in named:
        if start.type in _APIS:
            return _of_api(graph, start, path, staged=True)
        if start.type.endswith("::DomainName"):
            apis = [one for one in graph.reachable([start]) if one.type in _APIS]
            return _of_api(graph, apis[0], path, staged=False) if apis else Answer("unknown")
        if start.type == _BALANCERS:
            return of_balancer(graph, start, path)
        if start.type == "AWS::Lambda::Url":
            return _functions(graph, start.at("TargetFunctionArn"), start)
    return Answer("unknown")


def _of_api(graph: Graph, api: Resource, path: str, *, staged: bool) -> Answer:
    """`staged`: the path begins with the stage's name, as at an API's own host name."""
    stages = [one.text("StageName") for one in api.stack.resources.values() if one.type.endswith("::Stage")]
    first, _, rest = path.lstrip("/").partition("/")
    if staged and first in stages and first != "$default":
        path = f"/{rest}"
    routes = list(routes_of(graph, api))
    if not routes:
        return Answer("unknown")
    found = [route for route in routes if _fits(route.path, path)]
    found.sort(key=lambda route: ("{" in route.path or route.path == "$default", -len(route.path)))
    return found[0].answer if found else Answer("nobody")


def _fits(pattern: str, path: str) -> bool:
    if pattern == "$default":
        return True
    parts = re.split(r"(\{[^}]*\+?\})", pattern)
    regex = "".join(_part(part) for part in parts)
    return re.fullmatch(regex, path.rstrip("/") or "/") is not None


def _part(part: str) -> str:
    if part.startswith("{") and part.endswith("}"):
        return ".+" if part.endswith("+}") else "[^/]+"
    return re.escape(part)


def routes_of(graph: Graph, api: Resource) -> Iterator[Route]:
    """The routes of an API: from its description, and from resources of their own."""
    paths = at(api.properties, "Body", "paths")
    if isinstance(paths, dict):
        for path, methods in paths.items():
            for method in as_maps(list(methods.values()) if isinstance(methods, dict) else None):
                yield Route(str(path), _integrated(graph, method.get("x-amazon-apigateway-integration"), api))
    for one in graph.next_to(api):
        if one.type == "AWS::ApiGateway::Method":
            yield Route(_path_of(graph, one), _integrated(graph, one.at("Integration"), one))
        elif one.type == "AWS::ApiGatewayV2::Route":
            path = (one.text("RouteKey") or "$default").rpartition(" ")[2]
            targets = [other for other in graph.named(one, one.at("Target")) if other.type.endswith("::Integration")]
            yield Route(path, _integrated(graph, targets[0].properties, targets[0]) if targets else Answer("unknown"))


def _path_of(graph: Graph, method: Resource) -> str:
    """The path of a REST API's method, from its resource up to the root."""
    parts: list[str] = []
    at_resource = [
        one for one in graph.named(method, method.at("ResourceId")) if one.type == "AWS::ApiGateway::Resource"
    ]
    while at_resource and len(parts) < 50:
        parts.append(at_resource[0].text("PathPart") or "")
        parents = graph.named(at_resource[0], at_resource[0].at("ParentId"))
        at_resource = [one for one in parents if one.type == "AWS::ApiGateway::Resource"]
    return "/" + "/".join(reversed(parts))


def _integrated(graph: Graph, integration: Any, owner: Resource) -> Answer:
    kind = (as_text(at(integration, "type")) or as_text(at(integration, "Type")) or "").upper()
    kind = kind or (as_text(at(integration, "IntegrationType")) or "").upper()
    if kind == "MOCK":
        return Answer("fixed")
    uri = [at(integration, key) for key in ("uri", "Uri", "IntegrationUri")]
    functions = _functions(graph, uri, owner)
    if functions.kind == "function":
        return functions
    return Answer("another", tuple(graph.named(owner, integration))) if kind else Answer("unknown")


def _functions(graph: Graph, value: Any, owner: Resource) -> Answer:
    """The functions that a value names, through aliases and versions."""
    found = [
        one for start in graph.named(owner, value) for one in graph.reachable([start])
        if start.type.startswith("AWS::Lambda::") and one.type == "AWS::Lambda::Function"
    ]  # fmt: skip
    return Answer("function", tuple(dict.fromkeys(found))) if found else Answer("unknown")


def of_balancer(graph: Graph, balancer: Resource, path: str) -> Answer:
    """Who answers a path at a load balancer, by the first rule that fits it, else by the default actions."""
    found = Answer("unknown")
    for listener in (one for one in graph.next_to(balancer) if one.type.endswith("::Listener")):
        rules = [one for one in graph.next_to(listener) if one.type.endswith("::ListenerRule")]
        rules.sort(key=lambda rule: rule.number("Priority") or 0)
        for rule in rules:
            if any(fnmatchcase(path, pattern) for pattern in _patterns(rule)):
                return _actions(graph, rule.at("Actions"), rule)
        found = _actions(graph, listener.at("DefaultActions"), listener)
    return found


def _patterns(rule: Resource) -> list[str]:
    conditions = [one for one in rule.maps("Conditions") if one.get("Field") == "path-pattern"]
    return [
        text for one in conditions for text in as_texts(at(one, "PathPatternConfig", "Values") or one.get("Values"))
    ]


def _actions(graph: Graph, actions: Any, owner: Resource) -> Answer:
    last = (as_maps(actions) or [{}])[-1]
    if last.get("Type") in ("fixed-response", "redirect"):
        return Answer("fixed")
    groups = [one for one in graph.named(owner, last) if one.type == _TARGETS]
    functions = [answer for group in groups for answer in _functions(graph, group.at("Targets"), group).by]
    if functions:
        return Answer("function", tuple(functions))
    return Answer("another", tuple(groups)) if groups else Answer("unknown")
