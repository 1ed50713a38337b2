"""What regions, and the edge, ask of each other about plans and switches."""

from typing import Any

import msgspec

from panregion.services.arc_region_switch import layout
from panregion.services.arc_region_switch.model import Plan, Turned
from panregion.services.here import Here


async def changes(here: Here, epoch: str, after: int, wait_s: float = 0.0) -> dict[str, Any]:
    """What the edge follows: how the switches of health checks are turned."""
    return await layout.FOLLOWED.changes(here, epoch, after, wait_s)


def put_plan(here: Here, arn: str, plan: bytes | None = None) -> dict[str, Any]:
    """The home region tells how a plan is now, or that it is gone."""
    layout.put_copy(here, arn, None if plan is None else msgspec.msgpack.decode(plan, type=Plan))
    return {}


def put_turned(here: Here, arn: str, on: bool, at: float) -> dict[str, Any]:
    """The plan's other region has turned a switch."""
    layout.put_turned(here, Turned(arn, on, at))
    return {}
