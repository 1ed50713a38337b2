"""Everything that the edge follows: a follower and a book per service, and when they are written down."""

import asyncio
from collections.abc import Callable
from typing import Any

from panregion.edge.follower import Book, Follower, nothing
from panregion.world import HttpClient, World, WorldSettings, link_dial

SITE = "edge"
KEEP_PAUSE_S = 0.2


class Following:
    """The followers of one edge. Each has a connection of its own over the link to its home region."""

    def __init__(self, settings: WorldSettings, world: World) -> None:
        self._settings = settings
        self._world = world
        self._followers: dict[str, tuple[Follower, str]] = {}
        self._clients: list[HttpClient] = []
        self._tasks: list[asyncio.Task[None]] = []

    def follow(
        self, service: str, book: Book, home: str, changed: Callable[[], None] = nothing, *, name: str = ""
    ) -> Follower:
        """Take up what was kept of a service and follow it in the region `home` from now on.

        `name` tells it from others of the same service, where one is followed in several regions; it is what the
        edge's API and the file `<world>/edge/<name>.msgpack` call it. `changed` is called after every change.
        """
        name = name or service
        assert name not in self._followers, f"{name} is followed already"
        follower = Follower(service, book, self._settings.path / "edge" / f"{name}.msgpack", self._world, changed)
        follower.load()
        client = HttpClient(link_dial(self._settings.network_address, SITE, home))
        self._followers[name] = (follower, home)
        self._clients.append(client)
        self._tasks.append(asyncio.create_task(follower.run(client, self._settings.endpoint(home))))
        if len(self._tasks) == 1:
            self._tasks.append(asyncio.create_task(self._keep_now_and_then()))
        return follower

    async def _keep_now_and_then(self) -> None:
        while True:
            await self._world.clock.sleep(KEEP_PAUSE_S)
            self.keep()

    def keep(self) -> None:
        """Write down whatever has changed since it was written last."""
        for follower, _ in self._followers.values():
            follower.keep()

    def describe(self) -> dict[str, dict[str, Any]]:
        """By name: home region, position, when it last heard, and what is wrong."""
        return {name: {"home": home, **follower.describe()} for name, (follower, home) in self._followers.items()}

    async def close(self) -> None:
        """Stop following, having written down what is known."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.keep()
        for client in self._clients:
            await client.close()
