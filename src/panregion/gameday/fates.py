"""What became of acknowledged writes, once the last of them had time to arrive.

Regions converge while users go on writing, so when the users stop, what they wrote last is on its way still. A write
that is not there is looked for again, until all are there or the time is up: what is missing then is lost.
"""

from collections.abc import Awaitable, Callable

from panregion.gameday.ledger import Finding, Ledger
from panregion.gameday.losses import Held, lost_and_overwritten
from panregion.world import Clock

AGAIN_S = 0.2


async def fates(
    ledger: Ledger, kind: str, read: Callable[[], Awaitable[Held]], clock: Clock, arrive_s: float
) -> list[Finding]:
    """Findings on a kind's last writes, which are waited for so long; `read` gives what the store holds.

    Raises what it raises.
    """
    deadline = clock.monotonic() + arrive_s
    while True:
        found = list(lost_and_overwritten(ledger, kind, await read()))
        if not found or clock.monotonic() >= deadline:
            return found
        await clock.sleep(AGAIN_S)
