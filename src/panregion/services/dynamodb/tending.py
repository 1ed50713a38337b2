"""What a region does for its tables again and again, whether or not anybody asks: deleting what has expired,
counting large tables, rolling and trimming streams, dropping backups that AWS keeps for a while, forgetting the
tokens of transactions whose time is over."""

import asyncio
import contextlib
import logging

from panregion.services.dynamodb import backups, counting, expiry, transactions
from panregion.services.dynamodb.streams.rolling import roll
from panregion.services.dynamodb.streams.trimming import trim
from panregion.services.here import Here

TRIM_EVERY_S = 60.0

log = logging.getLogger("panregion.dynamodb")


class Tending:
    """The region's rounds, until closed. A round that fails is said in the log, and the next one tries again."""

    def __init__(self, here: Here) -> None:
        self._here = here
        self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        trimmed_at = self._here.now()
        while True:
            await self._here.world.clock.sleep(self._here.settings.time.item_expiry_s)
            try:
                await expiry.expire(self._here)
                await counting.recount(self._here)
                if self._here.now() - trimmed_at > TRIM_EVERY_S:
                    await roll(self._here)
                    await trim(self._here)
                    if self._here.read(backups.expired):
                        await self._here.transact(backups.drop_expired)
                    trimmed_at = self._here.now()
                if self._here.read(transactions.tokens_over):
                    await self._here.transact(transactions.forget_tokens)
            except Exception:
                log.exception("a round failed; the next round is in a moment")

    async def close(self) -> None:
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
