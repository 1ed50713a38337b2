"""The safety lever: one for each account and region, named default."""

from typing import Any

from panregion.services.fis import layout
from panregion.services.fis.errors import ResourceNotFoundException
from panregion.services.fis.model import Lever, State, show_state
from panregion.services.here import Here
from panregion.services.service import reads

DEFAULT = "default"


def _show(here: Here, id: str) -> dict[str, Any]:
    if id not in (DEFAULT, here.arn("fis", f"safety-lever/{DEFAULT}")):
        raise ResourceNotFoundException(f"Safety lever {id} does not exist; there is {DEFAULT}.")
    state = show_state(layout.lever(here).state)
    return {"safetyLever": {"id": DEFAULT, "arn": here.arn("fis", f"safety-lever/{DEFAULT}"), "state": state}}


@reads
def get_safety_lever(here: Here, id: str) -> dict[str, Any]:
    return _show(here, id)


def update_safety_lever_state(here: Here, id: str, state: dict[str, str]) -> dict[str, Any]:
    """Engaged, it stops what runs (each experiment looks at it, as at its alarms) and lets nothing begin."""
    _show(here, id)
    layout.put_lever(here, Lever(State(state["status"], state["reason"])))
    return _show(here, id)
