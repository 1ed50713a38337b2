"""The short way for requests that look like one before them.

A data plane sees the same few operations, signed by the same few scopes, again and again. What the gateway finds out
about such a request (service, region, protocol, operation, how its parameters are called here) depends on three
headers alone: Host, X-Amz-Target and the scope at the front of Authorization. So it is found out once, the long way,
and kept as a lane. The long way stays the only one for everything else: other protocols, other regions, planes,
compressed bodies. That both give the same answers is tested, request by request.
"""

from contextlib import suppress
from typing import Any, NamedTuple

from panregion.region.catalogue import Catalogue, Operation
from panregion.services.service import Shortcut, StepShortcut
from panregion.wire import Prepared, Unusual, identify, prepare, protocol_of, service_model
from panregion.world import Request

LANES_MAX = 2048
BODY_MAX = 16 * 1024 * 1024
"""What is longer goes the long way, which knows who refuses it."""
Signs = tuple[bytes | None, bytes, bytes]


class Lane(NamedTuple):
    """What is known of a request by its headers."""

    service: str
    operation: Operation
    prepared: Prepared
    at_once: bool
    """The operation reads what is committed, and as a rule waits for nothing."""
    shortcut: Shortcut | None
    step: StepShortcut | None

    def arguments(self, body: bytes) -> dict[str, Any]:
        """The operation's arguments, checked. Raises AwsError."""
        if self.prepared.read_arguments is not None:
            with suppress(Unusual, RecursionError):
                return self.prepared.read_arguments(body)
        return self.operation.arguments(self.prepared.read(body))


def signs(request: Request) -> Signs | None:
    """What tells a request's lane; None for one that can have none."""
    headers = request.raw_headers
    target, authorization = headers.get(b"x-amz-target"), headers.get(b"authorization")
    if target is None or authorization is None or len(request.body) > BODY_MAX:
        return None
    if b"content-encoding" in headers or b"origin" in headers or b"x-panregion-trace" in headers:
        return None  # the last asks to be followed (tracing.py)
    return headers.get(b"host"), target, authorization.partition(b",")[0]


class Lanes:
    """The lanes of one region, the oldest forgotten when there are too many."""

    def __init__(self, region: str, catalogue: Catalogue) -> None:
        self._region = region
        self._catalogue = catalogue
        self._known: dict[Signs, Lane] = {}

    def find(self, signs: Signs) -> Lane | None:
        """The lane of requests with these signs, if one was learnt."""
        return self._known.get(signs)

    def learn(self, signs: Signs, request: Request, operation: Operation) -> None:
        """Remember what the long way found out of a request of this region; not every request can have a lane."""
        addressed = identify(request)
        if addressed is None or addressed.region not in (None, self._region):
            return
        if operation.waits or protocol_of(request, addressed.service) != "json":
            return
        model = service_model(addressed.service).operation(operation.name).input
        members = {} if model is None else model.members
        taken = {member: found for member in members if (found := operation.argument(member)) is not None}
        prepared = prepare(addressed.service, operation.name, taken)
        if prepared is None:
            return
        if len(self._known) >= LANES_MAX:
            self._known.pop(next(iter(self._known)))
        at_once = operation.reads and operation.foresees is None
        service = self._catalogue.service(addressed.service)
        shortcut, step = service.shortcuts.get(operation.name), service.steps.get(operation.name)
        self._known[signs] = Lane(addressed.service, operation, prepared, at_once, shortcut, step)
