"""Load balancers as the data plane sees them: listeners with their rules compiled, and the groups they forward to.

A view is made whole from the store whenever anything changes, and never changed itself.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from panregion.services import Here
from panregion.services.elbv2 import attributes, conditions, layout
from panregion.services.elbv2.exchange import Arrival
from panregion.services.elbv2.model import Balancer, Listener, TargetGroup, groups_of
from panregion.world import Request

Json = dict[str, Any]


@dataclass(frozen=True)
class Port:
    """A listener, ready for requests."""

    listener: Listener
    arrival: Arrival
    rules: list[tuple[Callable[[Request], bool], Json]]
    idle_timeout_s: float
    server_header: bool
    response_headers: list[tuple[str, str]]

    def action(self, request: Request) -> Json:
        """What is to be done with a request: that of the first rule it meets, or the default one."""
        for meets, action in self.rules:
            if meets(request):
                return action
        return self.listener.actions[0]


@dataclass(frozen=True)
class View:
    """All of a region's load balancers. `ports` are by listener's ARN, `groups` those that are in use, by ARN."""

    balancers: dict[str, Balancer] = field(default_factory=dict)
    ports: dict[str, Port] = field(default_factory=dict)
    groups: dict[str, TargetGroup] = field(default_factory=dict)

    def groups_behind(self, balancer_arn: str) -> Iterator[TargetGroup]:
        """The groups that a load balancer forwards to."""
        found: dict[str, TargetGroup] = {}
        for port in self.ports.values():
            if port.listener.balancer_arn == balancer_arn:
                for arn in groups_of([*port.listener.actions, *(action for _, action in port.rules)]):
                    found[arn] = self.groups[arn]
        return iter(found.values())


def take(here: Here) -> View:
    """The view of what is committed now; `here` has a transaction."""
    balancers = {balancer.arn: balancer for balancer in layout.balancers(here)}
    used = layout.users_of_groups(here)
    ports = {each.arn: _port(here, each, balancers[each.balancer_arn]) for each in layout.listeners(here)}
    return View(balancers, ports, {arn: layout.group(here, arn) for arn in used})


def _port(here: Here, listener: Listener, balancer: Balancer) -> Port:
    if balancer.kind == "network":
        return Port(listener, Arrival(listener.protocol, listener.port), [], 0.0, False, [])

    def of_balancer(key: str) -> str:
        return attributes.value(attributes.BALANCER, balancer.attributes, key)

    arrival = Arrival(
        protocol=listener.protocol,
        port=listener.port,
        xff_mode=of_balancer("routing.http.xff_header_processing.mode"),
        xff_port=of_balancer("routing.http.xff_client_port.enabled") == "true",
        drop_invalid=of_balancer("routing.http.drop_invalid_header_fields.enabled") == "true",
    )
    rules = [(conditions.compiled(rule.conditions), rule.actions[0]) for rule in layout.rules(here, listener.arn)]
    server = attributes.value(attributes.LISTENER, listener.attributes, "routing.http.response.server.enabled")
    own = [
        (name, listener.attributes[key])
        for key, name in attributes.RESPONSE_HEADERS.items()
        if listener.attributes.get(key)
    ]
    return Port(listener, arrival, rules, float(of_balancer("idle_timeout.timeout_seconds")), server == "true", own)
