"""A loop in a thread: results, errors, time that is over, and what still runs at its end."""

import asyncio

import pytest

from panregion.world.background import Background


async def answer() -> int:
    await asyncio.sleep(0)
    return 42


async def complain() -> None:
    raise ValueError("words")


def test_coroutines_run_for_plain_functions() -> None:
    background = Background("test")
    assert background.run(answer()) == 42
    with pytest.raises(ValueError, match="words"):
        background.run(complain())
    background.close()


def test_what_takes_too_long_is_cancelled() -> None:
    background = Background("test")
    cancelled = []

    async def wait() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(True)
            raise

    with pytest.raises(TimeoutError):
        background.run(wait(), 0.01)
    background.close()
    assert cancelled == [True]
