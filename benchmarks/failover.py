"""How long a region's loss lasts for its users at AWS's pace: health checks of 10 s x 3, and a TTL.

.venv/bin/python -m benchmarks.failover        takes two minutes
"""

import asyncio

from demo.users import User
from demo.world import DemoWorld

from benchmarks.world import measured_world
from panregion.cli.dns import ask

CITY, LOST = "new-york", "us-east-1"
BOUND_S = 180.0


async def until_dns_moves(world: DemoWorld) -> float:
    """When the name server stops giving out the lost region."""
    while True:
        answer = await asyncio.to_thread(ask, world.settings, CITY, "api.hello.test", "A")
        if all(found["region"] != LOST for found in answer["answers"]):
            return world.clock.monotonic()
        await world.clock.sleep(0.1)


async def until_served(world: DemoWorld, user: User) -> float:
    """When the user is answered again."""
    while not (await user.ping()).ok:
        await world.clock.sleep(0.1)
    return world.clock.monotonic()


async def run() -> None:
    async with measured_world() as world:
        await world.deploy()
        await world.clock.sleep(30)  # the health checks have made up their minds
        user = User(CITY, world.proxy(CITY), world.clock)
        assert (await user.ping()).region == LOST
        began = world.clock.monotonic()
        await world.control.kill(LOST)
        async with asyncio.timeout(BOUND_S):
            moved_s, served_s = await asyncio.gather(until_dns_moves(world), until_served(world, user))
        await user.close()
        print(f"the name server leaves {LOST} out after {moved_s - began:.1f} s")
        print(f"{CITY}, which asked just before the loss, is served again after {served_s - began:.1f} s")


if __name__ == "__main__":
    asyncio.run(run())
