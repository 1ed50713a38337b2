"""Listeners: operations."""

from typing import Any

import msgspec

from panregion.services import Here, reads
from panregion.services.globalaccelerator import layout
from panregion.services.globalaccelerator.api.pages import page
from panregion.services.globalaccelerator.errors import (
    AssociatedEndpointGroupFoundException,
    InvalidArgumentException,
    InvalidPortRangeException,
    LimitExceededException,
    ListenerNotFoundException,
)
from panregion.services.globalaccelerator.model import LISTENERS_MAX, PORTS_MAX, Listener, show_listener

Json = dict[str, Any]


def _ports(ranges: list[Json]) -> list[tuple[int, int]]:
    """Raises InvalidPortRangeException, InvalidArgumentException."""
    ports = [(each.get("FromPort", 0), each.get("ToPort", 0)) for each in ranges]
    taken: set[int] = set()
    for first, last in ports:
        if not 1 <= first <= last <= 65535:
            raise InvalidPortRangeException(f"The port range {first}-{last} is not valid")
        if last - first >= PORTS_MAX:
            raise InvalidArgumentException(f"panregion listens on at most {PORTS_MAX} ports of a listener")
        own = set(range(first, last + 1))
        if taken & own:
            raise InvalidPortRangeException("The port ranges of a listener must not overlap")
        taken |= own
    if len(taken) > PORTS_MAX:
        raise InvalidArgumentException(f"panregion listens on at most {PORTS_MAX} ports of a listener")
    return ports


def _check_free(here: Here, accelerator_arn: str, own: Listener) -> None:
    """No other listener of the accelerator and protocol has any of the ports."""
    for other in layout.listeners(here, accelerator_arn):
        if other.arn == own.arn or other.protocol != own.protocol:
            continue
        if any(own.takes(port) for first, last in other.ports for port in range(first, last + 1)):
            raise InvalidPortRangeException("Another listener of the accelerator has one of the ports")


def create_listener(
    here: Here,
    accelerator_arn: str,
    port_ranges: list[Json],
    protocol: str,
    idempotency_token: str,
    client_affinity: str = "NONE",
) -> Json:
    layout.accelerator(here, accelerator_arn)
    known = layout.created(here, "listener", idempotency_token)
    if known is not None and layout.accelerator_of(known) == accelerator_arn:
        try:
            return {"Listener": show_listener(layout.listener(here, known))}
        except ListenerNotFoundException:
            known = None  # deleted since
    if len(list(layout.listeners(here, accelerator_arn))) >= LISTENERS_MAX:
        raise LimitExceededException(f"An accelerator can have at most {LISTENERS_MAX} listeners")
    new = Listener(
        arn=f"{accelerator_arn}/listener/{here.world.chance.token(8, '0123456789abcdef')}",
        accelerator_arn=accelerator_arn,
        protocol=protocol,
        ports=_ports(port_ranges),
        affinity=client_affinity,
    )
    _check_free(here, accelerator_arn, new)
    layout.put_listener(here, new)
    layout.put_created(here, "listener", idempotency_token, new.arn)
    return {"Listener": show_listener(new)}


@reads
def describe_listener(here: Here, listener_arn: str) -> Json:
    return {"Listener": show_listener(layout.listener(here, listener_arn))}


@reads
def list_listeners(
    here: Here, accelerator_arn: str, max_results: int | None = None, next_token: str | None = None
) -> Json:
    layout.accelerator(here, accelerator_arn)
    shown, following = page(list(layout.listeners(here, accelerator_arn)), next_token, max_results)
    return {"Listeners": [show_listener(each) for each in shown], **following}


def update_listener(
    here: Here,
    listener_arn: str,
    port_ranges: list[Json] | None = None,
    protocol: str | None = None,
    client_affinity: str | None = None,
) -> Json:
    old = layout.listener(here, listener_arn)
    endpoints = [endpoint.id for group in layout.groups(here, listener_arn) for endpoint in group.endpoints]
    if protocol == "UDP" and any(":loadbalancer/app/" in each for each in endpoints):
        raise InvalidArgumentException("Application load balancers cannot be endpoints of UDP listeners")
    new = msgspec.structs.replace(
        old,
        ports=old.ports if port_ranges is None else _ports(port_ranges),
        protocol=protocol or old.protocol,
        affinity=client_affinity or old.affinity,
    )
    _check_free(here, old.accelerator_arn, new)
    for group in layout.groups(here, listener_arn):
        for port in group.overrides:
            if not new.takes(port):
                raise InvalidPortRangeException(f"A port override of {group.arn} is for port {port}")
    layout.put_listener(here, new)
    return {"Listener": show_listener(new)}


def delete_listener(here: Here, listener_arn: str) -> Json:
    found = layout.listener(here, listener_arn)
    if next(layout.groups(here, listener_arn), None) is not None:
        raise AssociatedEndpointGroupFoundException("The listener has endpoint groups, which must be deleted first")
    layout.delete_listener(here, found)
    return {}
