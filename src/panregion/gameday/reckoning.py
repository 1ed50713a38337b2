"""Comparing what users were promised with what is there: while a fault lasts, and at the end."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from panregion.control import ControlClient, ControlError
from panregion.gameday.fates import fates
from panregion.gameday.file import Store
from panregion.gameday.journeys import Asking, verifier_of
from panregion.gameday.ledger import Finding, Ledger
from panregion.gameday.losses import each_once
from panregion.gameday.observed import Observed
from panregion.gameday.regions import Regions
from panregion.gameday.stale import stale_answers
from panregion.gameday.stores import CannotCheck, conflict_findings, held_in, missing_now, where
from panregion.world import Clock


class Reckoning:
    """Fills what was seen with findings; a check that cannot be made is a trouble, which no verdict survives."""

    def __init__(
        self,
        stores: Mapping[str, Store],
        folder: Path,
        ledger: Ledger,
        regions: Regions,
        control: ControlClient,
        seen: Observed,
        clock: Clock,
        ask: Asking,
    ) -> None:
        self._stores = stores
        self._folder = folder
        self._ledger = ledger
        self._regions = regions
        self._control = control
        self._seen = seen
        self._clock = clock
        self._ask = ask

    async def look_for_missing(self, fault: str, running: set[str], from_s: float, until_s: float) -> None:
        """The writes acknowledged in that time that some running region does not have now."""
        try:
            self._seen.findings += await missing_now(
                self._stores, self._ledger, self._regions, running, from_s, until_s
            )
        except CannotCheck as error:
            self._seen.notes.append(f"what was missing while {fault} is not known: {error}")

    async def reckon(self, verify: str | None) -> None:
        """All that is to be found at the end; `verify` is the file's own function."""
        seen, ledger = self._seen, self._ledger
        seen.findings += stale_answers(ledger)
        await self._read_stores()
        await self._read_conflicts()
        if verify is not None:
            await self._verify(verify)
        seen.findings = each_once(seen.findings)
        for kind in ledger.kinds:
            seen.acknowledged[kind] = len(ledger.acknowledged(kind))
            seen.shown[kind] = len(ledger.seen(kind))

    async def _read_stores(self) -> None:
        for kind, store in self._stores.items():
            ids = [one.id for one in self._ledger.latest(kind)]
            try:
                read = partial(held_in, store, where(store, self._regions), ids)
                self._seen.findings += await fates(self._ledger, kind, read, self._clock, store.arrive_s)
            except CannotCheck as error:
                self._seen.troubles.append(f"what became of {kind} is not known: {error}")

    async def _read_conflicts(self) -> None:
        try:
            conflicts = await self._control.conflicts()
        except ControlError as error:
            self._seen.troubles.append(f"the conflict ledger could not be read: {error}")
            return
        since_ms = self._seen.began_s * 1000
        found, unknown = conflict_findings(self._stores, self._ledger, conflicts, since_ms)
        self._seen.findings += found
        if unknown:
            self._seen.notes.append(
                f"{unknown} more overwritten writes were not acknowledged to a user of this game day"
            )

    async def _verify(self, named: str) -> None:
        verify = verifier_of(named, self._folder)
        try:
            found = await verify(self._ledger, self._regions, self._ask)
        except Exception as error:  # noqa: BLE001 - it is the user's own code
            self._seen.troubles.append(f"{named} raised {type(error).__name__}: {error}")
            return
        found = [] if found is None else list(found)
        if not all(isinstance(one, Finding) for one in found):
            self._seen.troubles.append(f"{named} returned something else than findings: ledger.lost(...) makes one")
            return
        self._seen.findings += found
