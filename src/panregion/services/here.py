"""What an operation is given: the transaction, the clock, chance, the region's name, a way to call other services."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import msgspec

from panregion.store import Store, Transaction
from panregion.world import HttpClient, World, WorldSettings

if TYPE_CHECKING:
    from panregion.services.stack import ResourceType

T = TypeVar("T")
Params = dict[str, Any]


class Dispatch(Protocol):
    """How a region finds operations; given to `Here` by the region room, which alone knows all services."""

    @property
    def resource_types(self) -> Mapping[str, ResourceType]:
        """Every CloudFormation resource type that a service of the region gives."""

    def call(self, here: Here, service: str, operation: str, params: Params) -> Params:
        """Run another service's plain operation in `here`'s transaction."""

    def request(self, here: Here, service: str, operation: str, params: Params) -> Awaitable[Params]:
        """Run an operation of this region as a customer would."""

    def request_elsewhere(
        self, here: Here, service: str, operation: str, params: Params, region: str
    ) -> Awaitable[Params]:
        """Run an operation of another region, over the link."""

    def client(self, site: str) -> HttpClient:
        """An HTTP client whose connections go from this region to `site` over the link."""


@dataclass(slots=True, kw_only=True)
class Here:
    """One region, as an operation sees it.

    A plain operation finds its transaction in `tx`. An asynchronous one has none: it takes its steps with
    `transact` and `read`, each of which hands a plain function a Here that has one.
    """

    region: str
    settings: WorldSettings
    folder: Path
    world: World
    store: Store
    dispatch: Dispatch
    request_id: str = "00000000-0000-0000-0000-000000000000"
    running: dict[str, Any] = field(default_factory=dict)
    """What services hold in memory in this region (pools, replicators), by service; filled by their start hooks."""
    _tx: Transaction | None = None

    @property
    def account_id(self) -> str:
        return self.settings.account_id

    @property
    def tx(self) -> Transaction:
        """The open transaction; an asynchronous operation has none."""
        assert self._tx is not None, "no transaction is open here: use here.transact or here.read"
        return self._tx

    @property
    def closing(self) -> asyncio.Event:
        """Set once the region stops: what waits for a caller ends with it, or the region would have to wait, too."""
        closing: asyncio.Event = self.running["closing"]
        return closing

    @property
    def resource_types(self) -> Mapping[str, ResourceType]:
        return self.dispatch.resource_types

    def now(self) -> float:
        """Seconds since the epoch."""
        return self.world.clock.now()

    def arn(self, service: str, resource: str) -> str:
        return f"arn:aws:{service}:{self.region}:{self.account_id}:{resource}"

    def within(self, tx: Transaction, request_id: str | None = None) -> Here:
        """The same with an open transaction, and perhaps for another request."""
        return self._changed(request_id or self.request_id, tx)

    def serving(self, request_id: str) -> Here:
        """The same for another request."""
        return self._changed(request_id, self._tx)

    def _changed(self, request_id: str, tx: Transaction | None) -> Here:
        """As `dataclasses.replace`, which takes ten times as long and runs twice for every request."""
        return Here(
            region=self.region,
            settings=self.settings,
            folder=self.folder,
            world=self.world,
            store=self.store,
            dispatch=self.dispatch,
            request_id=request_id,
            running=self.running,
            _tx=tx,
        )

    def call(self, service: str, operation: str, params: Params) -> Params:
        """Another service's plain operation, in this transaction. Raises that service's AwsError."""
        return self.dispatch.call(self, service, operation, params)

    async def request(self, service: str, operation: str, params: Params, *, region: str | None = None) -> Params:
        """Any operation, as a customer calls it; in another region it crosses the link. Raises AwsError."""
        if region is None or region == self.region:
            return await self.dispatch.request(self, service, operation, params)
        return await self.dispatch.request_elsewhere(self, service, operation, params, region)

    async def transact(self, step: Callable[[Here], T]) -> T:
        """Run `step` whole in one transaction; returns once it is durable."""
        return await self.store.transact(lambda tx: step(self.within(tx)))

    def read(self, step: Callable[[Here], T]) -> T:
        """Run `step`, which must not write, on what is committed."""
        return self.store.read(lambda tx: step(self.within(tx)))

    def later(self, kind: str, payload: Params, due: float | None = None) -> None:
        """Have work done after this transaction commits, at the earliest at `due` (epoch seconds)."""
        self.tx.later(kind, msgspec.json.encode(payload), self.now() if due is None else due)

    def publish(self, feed: str, record: bytes) -> int:
        """Append to a feed that others may follow; returns the record's sequence number."""
        return self.tx.publish(feed, record)
