"""Bytes to operations: what a region does with an HTTP request.

In this order: paths below /_panregion/ are the world's own; a request to a name (not an address) may belong to a data
plane, such as an API's domain; a request that names an AWS service by signature, target, body or path is an operation,
here or in the region that its credential scope names; what is left may still be a data plane's by its path.
Anything else is told, in one line, what this is.
"""

import ipaddress
import logging
from collections.abc import Awaitable, Callable
from functools import lru_cache

import msgspec

from panregion.region.catalogue import Catalogue, Operation
from panregion.region.dispatch import RegionDispatch
from panregion.region.faults.planes import SufferingPlane
from panregion.region.lanes import Lane, Lanes, signs
from panregion.region.tracing import RecordedDispatch, Recorder
from panregion.services import Here, Plane
from panregion.services.service import Shortcut
from panregion.services.waiting import MustWait
from panregion.store import Transaction
from panregion.wire import (
    Addressed,
    AwsError,
    InternalFailure,
    check,
    identify,
    parse,
    protocol_of,
    serialize_error,
    serialize_output,
)
from panregion.wire.cross_origin import opened, preflight
from panregion.world import ClientError, Request, Response

INTERNAL_PREFIX = "/_panregion/"
CLIENT_HEADER = "x-panregion-client"
"""Names the client's address in its city's network, put on by the place's proxy."""

FORWARD_TIMEOUT_S = 65.0

InternalRoute = Callable[[Request], Awaitable[Response]]
log = logging.getLogger("panregion.gateway")


class Gateway:
    """The handler of a region's server."""

    def __init__(
        self, here: Here, catalogue: Catalogue, dispatch: RegionDispatch, internal: dict[str, InternalRoute]
    ) -> None:
        self._here = here
        self._catalogue = catalogue
        self._dispatch = dispatch
        self._internal = internal
        self._lanes = Lanes(here.region, catalogue)
        self.recorder = Recorder(here.world.clock)
        self._followed = self.recorder.live

    async def __call__(self, request: Request) -> Response:
        answer = self.begin(request)
        return answer if isinstance(answer, Response) else await answer

    def begin(self, request: Request) -> Response | Awaitable[Response]:
        """The answer itself where a lane leads to an operation that only reads, else what gives it when awaited."""
        if self._dispatch.faults is not None or self._followed:
            return self._long(request)
        kin = request.kin
        lane = None if kin is None else kin.get("lane")
        if lane is None:
            marks = signs(request)
            lane = None if marks is None else self._lanes.find(marks)
            if lane is None or request.path.startswith(INTERNAL_PREFIX):
                return self._long(request)
            if kin is not None:
                kin["lane"] = lane
        if lane.step is not None and (step := lane.step(self._here, request.body)) is not None:
            return self._stepped(lane, step, request)
        answer = None if lane.shortcut is None else self._quick(lane, lane.shortcut, request)
        if answer is None and lane.at_once:
            answer = self._read(lane, request)
        return answer or self._short(lane, request)

    async def _long(self, request: Request) -> Response:
        """A request of which nothing is known."""
        if request.path.startswith(INTERNAL_PREFIX) and request.header(CLIENT_HEADER) is None:
            return await self._own(request)  # not for users in cities, who see a region as AWS's users do
        client = request.header(CLIENT_HEADER)
        if client is not None:
            request = _from_place(request, client)
        here = self._here.serving(self._here.world.chance.uuid())
        concern = self.recorder.concerns(request)
        if concern is not None:
            return await self.recorder.follow(here, request, concern, self._answer)
        return await self._answer(here, request)

    async def _answer(self, here: Here, request: Request) -> Response:
        if not _is_address(request.host):
            plane = self._plane(here, request)
            if plane is not None:
                return await self._guarded(plane.handle(here, request))
        may_call = preflight(request)
        if may_call is not None:
            return may_call
        addressed = identify(request)
        if addressed is not None:
            return opened(request, await self._operation(here, addressed, request))
        plane = self._plane(here, request)
        if plane is not None:
            return await self._guarded(plane.handle(here, request))
        return self._explain(request)

    def _quick(self, lane: Lane, shortcut: Shortcut, request: Request) -> Response | None:
        """The answer by an operation's short cut; None where it is the operation itself that must be asked."""
        chance = self._here.world.chance
        try:
            body = shortcut(self._here, request.body)
        except Exception as error:  # noqa: BLE001 - every one becomes an answer
            return self._failed(lane.service, "json", request, chance.uuid(), error)
        return None if body is None else lane.prepared.answer(body, chance)

    async def _stepped(self, lane: Lane, step: Callable[[Transaction], bytes], request: Request) -> Response:
        """The answer by an operation's short cut that writes."""
        chance = self._here.world.chance
        try:
            return lane.prepared.answer(await self._dispatch.keep(self._here, step), chance)
        except Exception as error:  # noqa: BLE001 - every one becomes an answer
            return self._failed(lane.service, "json", request, chance.uuid(), error)

    def _read(self, lane: Lane, request: Request) -> Response | None:
        """The answer of an operation that only reads; None where there is something to wait for."""
        request_id = self._here.world.chance.uuid()
        try:
            output = self._dispatch.read(self._here, lane.operation, lane.arguments(request.body), request_id)
            return lane.prepared.write(output, request_id)
        except MustWait:
            return None
        except Exception as error:  # noqa: BLE001 - every one becomes an answer
            return self._failed(lane.service, "json", request, request_id, error)

    async def _short(self, lane: Lane, request: Request) -> Response:
        """An operation that is known by the request's headers (see lanes.py)."""
        request_id = self._here.world.chance.uuid()
        try:
            arguments = lane.arguments(request.body)
            output = await self._dispatch.run_with(self._here, lane.operation, arguments, request_id)
            return lane.prepared.write(output, request_id)
        except Exception as error:  # noqa: BLE001 - every one becomes an answer
            return self._failed(lane.service, "json", request, request_id, error)

    async def _own(self, request: Request) -> Response:
        route = self._internal.get(request.path.removeprefix(INTERNAL_PREFIX))
        if route is None:
            return as_json(404, {"message": f"no such path; there are {', '.join(sorted(self._internal))}"})
        return await self._guarded(route(request))

    def _plane(self, here: Here, request: Request) -> Plane | None:
        for service in self._catalogue.having("plane"):
            if service.plane is not None and service.plane.matches(here, request):
                faults = self._dispatch.faults
                return service.plane if faults is None else SufferingPlane(service.name, service.plane, faults)
        return None

    async def _operation(self, here: Here, addressed: Addressed, request: Request) -> Response:
        service = addressed.service
        protocol = protocol_of(request, service)  # errors go out in it too, even of services that are not served
        try:
            elsewhere = self._region_of(addressed)
            if elsewhere is not None:
                return await self._forward(elsewhere, request)
            self._catalogue.require(service)
            call = parse(request, service)
            operation = self._catalogue.operation(service, call.operation)
            check(service, call.operation, call.params)
            dispatch = here.dispatch if isinstance(here.dispatch, RecordedDispatch) else self._dispatch
            output = await dispatch.run(here, operation, call.params, here.request_id)
            self._learn(request, operation)
            return serialize_output(service, call.operation, output, here.request_id, protocol)
        except Exception as error:  # noqa: BLE001 - every one becomes an answer
            return self._failed(service, protocol, request, here.request_id, error)

    def _learn(self, request: Request, operation: Operation) -> None:
        marks = signs(request)
        if marks is not None and _is_address(request.host):
            self._lanes.learn(marks, request, operation)

    def _failed(self, service: str, protocol: str, request: Request, request_id: str, error: Exception) -> Response:
        """The answer to a call that raised: AWS's error, or what went wrong with us, whose traceback is logged."""
        if isinstance(error, AwsError):
            return serialize_error(service, error, request_id, protocol)
        log.error("%s failed: %s %s", service, request.method, request.path, exc_info=error)
        failure = InternalFailure(f"{type(error).__name__} in {self._here.region}: see its log")
        return serialize_error(service, failure, request_id, protocol)

    def _region_of(self, addressed: Addressed) -> str | None:
        """The other region that the request is for, if it is not for this one. Raises AwsError."""
        here = self._here
        entry = self._catalogue.entry(addressed.service)
        if entry is not None and entry.home is not None:
            region = here.settings.home(entry.home)
        else:
            region = addressed.region or here.region
        if region == here.region:
            return None
        if region not in here.settings.regions:
            raise AwsError.of(
                "InvalidRegion",
                f"{region} is not a region of this world; it has {', '.join(here.settings.regions)}",
            )
        return region

    async def _forward(self, region: str, request: Request) -> Response:
        """Pass a request on, as it came, over the link to the region that it is signed for."""
        url = self._here.settings.endpoint(region) + request.target
        try:
            return await self._dispatch.client(region).pass_on(
                request.method, url, request.headers, request.body, timeout_s=FORWARD_TIMEOUT_S
            )
        except ClientError as error:
            message = f"{self._here.region} cannot reach {region}: {error}"
            raise AwsError.of("ServiceUnavailable", message, 503) from error

    @staticmethod
    async def _guarded(answer: Awaitable[Response]) -> Response:
        try:
            return await answer
        except Exception as error:
            log.exception("a request failed")
            return as_json(500, {"message": f"{type(error).__name__}: see the region's log"})

    def _explain(self, request: Request) -> Response:
        region = self._here.region
        if request.path == "/" and request.method in ("GET", "HEAD") and _is_address(request.host):
            line = f"panregion: AWS region {region}, account {self._here.account_id}; state at /_panregion/health\n"
            return Response(200, [("Content-Type", "text/plain")], line.encode())
        message = (
            f"{region} serves AWS APIs and the applications deployed to it; this request is signed for no AWS "
            f"service and its host, {request.host or 'none'}, is no API's name here"
        )
        return as_json(404, {"message": message})


def as_json(status: int, value: object) -> Response:
    """A JSON answer with a newline, for people with curl."""
    return Response(status, [("Content-Type", "application/json")], msgspec.json.encode(value) + b"\n")


def _from_place(request: Request, client: str) -> Request:
    headers = [(name, value) for name, value in request.headers if name.lower() != CLIENT_HEADER]
    return Request(request.method, request.path, request.query, headers, request.body, client)


@lru_cache(1024)
def _is_address(host: str) -> bool:
    if host in ("", "localhost"):
        return True
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
