"""Following one request through the region: what its planes and operations call, run and write is taken down.

Only a request that asks for it is followed (services/tracing.py), and only then is any of this in the way: its `Here`
has a dispatch and a store that note what is asked of them. What a function of it calls comes over HTTP as any
request does, and is known by the X-Ray header that AWS's SDKs put on it within a function.
"""

import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from panregion.region.catalogue import Operation
from panregion.region.dispatch import Params, RegionDispatch
from panregion.services import Here, ResourceType
from panregion.services.tracing import Recorded, Recording, Step
from panregion.store import Store, Transaction
from panregion.wire import AwsError
from panregion.world import Clock, HttpClient, Request, Response

T = TypeVar("T")
HEADER = "x-panregion-trace"
AWS_HEADER = b"x-amzn-trace-id"
ROOT = re.compile(r"1-[0-9a-f]{8}-[0-9a-f]{24}")
KEPT = 64
"""Recordings that are kept for whoever asks for them afterwards."""


class Recorder:
    """A region's recordings: those of requests under way (`live`), and the last that ended."""

    def __init__(self, clock: Clock) -> None:
        self.live: dict[str, Recording] = {}
        self._kept: OrderedDict[str, Recording] = OrderedDict()
        self._clock = clock

    def find(self, root: str) -> Recording | None:
        """The recording of that trace."""
        return self._kept.get(root)

    def concerns(self, request: Request) -> "tuple[Recording, int] | None":
        """The recording that a request belongs to, and the step that it is part of; None where nobody follows it."""
        asked = request.header(HEADER)
        if asked is not None and ROOT.fullmatch(asked):
            return self._begun(asked), 0
        if self.live and (told := request.raw_header(AWS_HEADER)) is not None:
            parts = dict(part.partition("=")[::2] for part in told.decode("latin-1").split(";"))
            recording, parent = self.live.get(parts.get("Root", "")), parts.get("Parent", "")
            if recording is not None and re.fullmatch("[0-9a-f]{16}", parent):
                return recording, int(parent, 16)
        return None

    def _begun(self, root: str) -> Recording:
        recording = self._kept.get(root)
        if recording is None:
            recording = self._kept[root] = Recording(root, self._clock)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return recording

    async def follow(
        self,
        here: Here,
        request: Request,
        concern: tuple[Recording, int],
        answer: Callable[[Here, Request], Awaitable[Response]],
    ) -> Response:
        """The answer to a request that is followed."""
        recording, parent = concern
        if parent:
            return await answer(followed(here, recording, parent), request)
        headers = [(name, value) for name, value in request.headers if name.lower() != HEADER]
        step = recording.begin(0, "gateway", f"{request.method} {request.path}")
        self.live[recording.root] = recording
        try:
            response = await answer(followed(here, recording, step.number), request.with_headers(headers))
            recording.end(step, status=response.status, request_id=here.request_id)
            return response
        finally:
            self.live.pop(recording.root, None)


def followed(here: Here, recording: Recording, parent: int) -> Here:
    """The same, with a dispatch and a store that take down what is asked of them."""
    inner = here.dispatch.inner if isinstance(here.dispatch, RecordedDispatch) else here.dispatch
    assert isinstance(inner, RegionDispatch)
    dispatch = RecordedDispatch(inner, recording, parent)
    return replace(here, dispatch=dispatch, store=RecordedStore(here.store, recording, parent))


class RecordedDispatch(Recorded):
    """A region's dispatch, for one request, within one of its steps."""

    def __init__(self, inner: RegionDispatch, recording: Recording, parent: int) -> None:
        self.inner = inner
        self.recording = recording
        self.parent = parent

    @property
    def resource_types(self) -> Mapping[str, ResourceType]:
        return self.inner.resource_types

    def client(self, site: str) -> HttpClient:
        return self.inner.client(site)

    def call(self, here: Here, service: str, operation: str, params: Params) -> Params:
        return self.inner.call(here, service, operation, params)

    async def run(self, here: Here, operation: Operation, params: Params, request_id: str) -> Params:
        """As RegionDispatch's."""
        step = self.recording.begin(self.parent, "operation", f"{operation.service} {operation.name}")
        return await self._timed(step, self.inner.run(self._within(here, step), operation, params, request_id))

    async def request(self, here: Here, service: str, operation: str, params: Params) -> Params:
        step = self.recording.begin(self.parent, "operation", f"{service} {operation}")
        return await self._timed(step, self.inner.request(self._within(here, step), service, operation, params))

    async def request_elsewhere(self, here: Here, service: str, operation: str, params: Params, region: str) -> Params:
        step = self.recording.begin(self.parent, "region", f"{service} {operation} in {region}")
        asked = self.inner.request_elsewhere(self._within(here, step), service, operation, params, region)
        return await self._timed(step, asked)

    def _within(self, here: Here, step: Step) -> Here:
        return followed(here, self.recording, step.number)

    async def _timed(self, step: Step, doing: Awaitable[T]) -> T:
        error = None
        try:
            return await doing
        except AwsError as raised:
            error = raised.code
            raise
        finally:
            self.recording.end(step, error=error)


class RecordedStore(Store):
    """A region's store (its very state) that takes down the transactions of one step."""

    __slots__ = ("_parent", "_recording")

    def __init__(self, store: Store, recording: Recording, parent: int) -> None:
        self.__dict__ = store.__dict__
        self._recording = recording
        self._parent = parent

    async def transact(self, step: Callable[[Transaction], T]) -> T:
        recording = self._recording
        mine = recording.begin(self._parent, "store", "transaction")
        facts: dict[str, Any] = {}

        def noted(tx: Transaction) -> T:
            began_s = recording.now()
            result = step(tx)
            ran_s = recording.now()
            facts.update(waited_ms=_ms(began_s - mine.began_s), ran_ms=_ms(ran_s - began_s), ran_s=ran_s)
            facts["wrote"] = bool(tx.writes)
            facts["feeds"] = {feed: int(tx.get(("feed-heads", feed)) or 0) for feed in tx.feeds}
            return result

        try:
            return await super().transact(noted)
        finally:
            recording.end(mine)
            ran_s = facts.pop("ran_s", None)
            if ran_s is not None and mine.ended_s is not None and facts["wrote"]:
                facts["sync_ms"] = _ms(mine.ended_s - ran_s)
            mine.facts.update(facts)


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 3)


def described(recording: Recording) -> dict[str, Any]:
    """A recording as JSON has it; times are seconds of the machine's monotonic clock."""
    return {
        "root": recording.root,
        "left_out": recording.left_out,
        "steps": [
            {
                "number": step.number,
                "parent": step.parent,
                "kind": step.kind,
                "what": step.what,
                "began_s": step.began_s,
                "ended_s": step.ended_s,
                **step.facts,
            }
            for step in recording.steps
        ],
    }
