"""One cell of a cluster: its share of the register in which the five agree, and what it tells those who follow.

    POST /_panregion/registers               another cell proposes, tells or asks (replication/registers.py)
    POST /_panregion/configure               the control plane's document, to be agreed on; 503 without a majority

Those who follow the states ask the process that holds the cell (region/cell.py), at whichever site: versions count the
changes of the one register, so the highest is the latest.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

import msgspec

from panregion.replication.acceptor import NotAMember, join, members
from panregion.replication.proposer import Outcome, RegisterSettings
from panregion.replication.register import Change, Conflict, Done, Unchanged, Unknown, Value
from panregion.replication.register_wire import Malformed
from panregion.replication.registers import Registers
from panregion.services.here import Here
from panregion.services.recovery import CELL_SITES, Agreed, Document, Joining, Shown, cell_url
from panregion.services.route53_recovery_cluster import model
from panregion.services.route53_recovery_cluster.errors import (
    ConflictException,
    EndpointTemporarilyUnavailableException,
)
from panregion.services.service import Running
from panregion.store import StoreError, Transaction
from panregion.wire import AwsError
from panregion.world import ClientError, Request, Response

NAME = "route53-recovery-cluster"
KEY = b"agreed"
FEED = "route53-recovery-cluster"
SHOWN = ("recovery-shown",)
MESSAGE_TIMEOUT_S = 1.5
DEADLINE_S = 4.0
CONTEND_S = 1.0
"""How long a change is tried again that lost against another one. The last try may take DEADLINE_S more: Region Switch
waits for 6 s in all."""
CONTEND_AGAIN_S = 0.1
REJOIN_EVERY_S = 1.0

log = logging.getLogger("panregion.cell")
_agreed = msgspec.msgpack.Decoder(Agreed)


class Cell:
    """A cell, running. Lies in `here.running[NAME]`; `joining` says of which cluster it is."""

    def __init__(self, here: Here, joining: Joining) -> None:
        self._here = here
        self.joining = joining
        self.registers = Registers(
            here.region,
            here.store,
            here.world,
            self._post,
            self._show,
            lambda _tx: [joining.cluster_id],
            RegisterSettings(deadline_s=DEADLINE_S),
        )

    @property
    def is_member(self) -> bool:
        """Whether this cell knows what it has promised."""
        try:
            self._here.store.read(lambda tx: members(tx, self.joining.cluster_id))
        except NotAMember:
            return False
        return True

    async def read(self) -> Agreed:
        """What is agreed now. Raises EndpointTemporarilyUnavailableException."""
        value = self._done(await self._asked(self.registers.read(self.joining.cluster_id, KEY))).value
        return self._decoded(value.data)

    async def change(self, decide: Callable[[Agreed | None], Agreed | None]) -> None:
        """Change what is agreed, unless `decide` gives None or raises an AwsError, which is raised here."""
        refusals: list[AwsError] = []

        def step(data: bytes | None) -> bytes | None:
            refusals.clear()
            try:
                after = decide(None if data is None else _agreed.decode(data))
            except AwsError as error:
                refusals.append(error)
                raise Unchanged from error
            if after is None:
                raise Unchanged
            return msgspec.msgpack.encode(after)

        self._done(await self._asked(self._contend(step)))
        if refusals:
            raise refusals[0]

    async def _contend(self, step: Change) -> Outcome:
        """A change that met another one did not happen, and is tried again: often that other one is long answered, and
        only its messages to the more distant sites are still under way."""
        world = self._here.world
        until = world.clock.monotonic() + CONTEND_S
        while True:
            outcome = await self.registers.change(self.joining.cluster_id, KEY, step)
            if not isinstance(outcome, Conflict) or world.clock.monotonic() >= until:
                return outcome
            await world.clock.sleep(CONTEND_AGAIN_S * (0.5 + world.chance.random()))

    @staticmethod
    async def _asked(asking: Awaitable[Outcome]) -> Outcome:
        try:
            return await asking
        except NotAMember as error:
            raise EndpointTemporarilyUnavailableException("This endpoint has lost what it knew") from error

    def _done(self, outcome: Outcome) -> Done:
        if isinstance(outcome, Done):
            return outcome
        if isinstance(outcome, Unknown):
            state = "whether the states were updated is not known" if outcome.proposed else "nothing was changed"
            raise EndpointTemporarilyUnavailableException(
                f"The endpoint in {self._here.region} does not reach a majority of the cluster: {state}. "
                "Try another endpoint"
            )
        raise ConflictException(
            "Another request is updating the cluster at this moment: try again",
            resourceId=self.joining.cluster_id,
            resourceType="cluster",
        )

    @staticmethod
    def _decoded(data: bytes | None) -> Agreed:
        if data is None:
            raise EndpointTemporarilyUnavailableException("The cluster is not deployed yet")
        return _agreed.decode(data)

    async def _post(self, site: str, body: bytes) -> bytes:
        url = cell_url(self._here.settings, site, self.joining.number) + "/_panregion/registers"
        client = self._here.dispatch.client(site)
        response = await client.send("POST", url, [], body, timeout_s=MESSAGE_TIMEOUT_S)
        if response.status != 200 or not isinstance(response.body, bytes):
            raise ClientError(f"the cell at {site} answered {response.status}")
        return response.body

    def _show(self, tx: Transaction, _group: str, _key: bytes, value: Value) -> None:
        """Keep what is chosen for those who follow; called once for each newer version."""
        agreed = self._decoded(value.data)
        states = {control.arn: agreed.state(control.arn).on for control in agreed.document.controls}
        tx.put(SHOWN, msgspec.msgpack.encode(self._shown(value.version, states)))
        tx.publish(FEED, b"")

    def shown(self) -> Shown:
        """What is known here to be agreed; it may be a moment behind."""
        kept = self._here.store.read(lambda tx: tx.get(SHOWN))
        return self._shown(0, {}) if kept is None else msgspec.msgpack.decode(kept, type=Shown)

    def _shown(self, version: int, states: dict[str, bool]) -> Shown:
        return Shown(self.joining.cluster_id, self.joining.number, version, states)

    async def rejoin(self) -> None:
        """Be a member again after the disk was lost; every other cell has to answer for that, so it may take long."""
        while True:
            try:
                await self.registers.rejoin(self.joining.cluster_id, CELL_SITES)
            except (TimeoutError, StoreError) as error:
                log.info("%s cannot rejoin its cluster yet: %s", self._here.region, error)
                await self._here.world.clock.sleep(REJOIN_EVERY_S)
            else:
                log.warning("%s has lost its disk and is a member of its cluster again", self._here.region)
                return

    # The world's own paths

    async def messages(self, request: Request) -> Response:
        try:
            return Response(200, [], await self.registers.handle(request.body))
        except Malformed as error:
            return Response(400, [], str(error).encode())

    async def configure(self, request: Request) -> Response:
        try:
            document = msgspec.msgpack.decode(request.body, type=Document)
        except msgspec.DecodeError as error:
            return Response(400, [], str(error).encode())
        try:
            await self.change(lambda agreed: model.configured(agreed, document))
        except AwsError as error:
            return Response(503, [], str(error).encode())
        return Response(204)

    @property
    def turn(self) -> int:
        """Grows with whatever becomes known here."""
        return self._here.store.head(FEED)

    async def news(self, turn: int) -> None:
        """Return once more is known here than at a turn."""
        await self._here.store.changed(FEED, turn)


async def start(here: Here) -> Running:
    """Begin to be the cell that `here.running` says.

    A cluster is joined once. A cell that was a member and has lost its store must not answer, for it no longer knows
    what it has promised, until it has rejoined.
    """
    joining: Joining = here.running["recovery-joining"]
    if here.running["recovery-new"]:
        await here.transact(lambda here: join(here.tx, joining.cluster_id, CELL_SITES))
    cell = Cell(here, joining)
    here.running[NAME] = cell
    cell.registers.start()
    rejoining = None if cell.is_member else asyncio.create_task(cell.rejoin())

    async def stop() -> None:
        if rejoining is not None:
            rejoining.cancel()
            await asyncio.gather(rejoining, return_exceptions=True)
        await cell.registers.close()

    routes = {"registers": cell.messages, "configure": cell.configure}
    return Running(stop=stop, routes=routes)
