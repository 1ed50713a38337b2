"""Runs the steps of a graph, as many at once as their needs and a bound allow."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

AT_ONCE_MAX = 8

Step = Callable[[str], Awaitable[bool]]
"""Does one node; False means that it failed (and has recorded why)."""


async def run(
    graph: Mapping[str, set[str]],
    step: Step,
    *,
    stop_at_failure: bool,
    halt: Callable[[], bool] = lambda: False,
) -> set[str]:
    """Run every node after the nodes it needs; returns those that failed.

    After a failure nothing new is started (`stop_at_failure`), or only what does not need the failed. What runs is
    always waited for: a step in flight must reach its record. `halt` is asked before each start.
    """
    waiting = {name: {need for need in needs if need in graph} for name, needs in graph.items()}
    running: dict[asyncio.Future[bool], str] = {}
    failed: set[str] = set()
    try:
        while True:
            stopped = (stop_at_failure and failed) or halt()
            for name in [] if stopped else _ready(waiting, AT_ONCE_MAX - len(running)):
                del waiting[name]
                running[asyncio.ensure_future(step(name))] = name
            if not running:
                return failed
            ended, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for task in ended:
                name = running.pop(task)
                if not task.result():
                    failed.add(name)
                    continue
                for needs in waiting.values():
                    needs.discard(name)
    finally:
        for task in running:
            task.cancel()


def _ready(waiting: Mapping[str, set[str]], room: int) -> list[str]:
    return [name for name, needs in waiting.items() if not needs][:room]


def backwards(graph: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """For deletion: each node after those that need it."""
    reversed_: dict[str, set[str]] = {name: set() for name in graph}
    for name, needs in graph.items():
        for need in needs:
            if need in reversed_:
                reversed_[need].add(name)
    return reversed_
