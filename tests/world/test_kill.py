"""kill -9 under load: no acknowledged write is lost, and items, indexes and stream tell the same. A real process.

PANREGION_TEST_KILLS says how many times; docs/guarantees.md has the result of a long run.
"""

import asyncio
import os
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from panregion.world.settings import Ports
from tests.world.crash import Checker, Victim, Writer

KILLS = int(os.environ.get("PANREGION_TEST_KILLS", "10"))
WRITERS = 8
LONGEST_S = 0.4


@pytest.fixture
async def victim(tmp_path: Path, ports: Ports) -> AsyncIterator[Victim]:
    victim = Victim(tmp_path, ports)
    await victim.start()
    yield victim
    await victim.kill()
    await victim.client.close()


@pytest.mark.timeout(60 + 12 * KILLS)
async def test_nothing_acknowledged_is_lost_to_sigkill_and_all_that_is_kept_agrees(victim: Victim) -> None:
    await victim.make_table()
    moments = random.Random(20)
    writers = [Writer(f"w{number}", random.Random(number)) for number in range(WRITERS)]
    checker = Checker(victim, writers)
    interrupted = 0
    for kill in range(KILLS):
        writing = [asyncio.create_task(writer.write_until_killed(victim)) for writer in writers]
        await asyncio.sleep(moments.uniform(0.02, LONGEST_S))
        await victim.kill()
        await asyncio.gather(*writing)
        interrupted += sum(writer.pending is not None for writer in writers)
        await victim.start()
        try:
            await checker.check()
        except AssertionError as error:
            raise AssertionError(f"after kill {kill}: {error}") from error
    requests = sum(writer.count for writer in writers)
    assert interrupted > KILLS
    assert requests > KILLS * WRITERS
    print(
        f"{KILLS} kills: {requests} items written, {interrupted} requests cut short, {checker.records} stream records"
    )
