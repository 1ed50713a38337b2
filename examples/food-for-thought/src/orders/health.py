"""Whether this region can take orders: its table is there, and so is the payment provider.

Many checkers ask, each every few seconds; what was found is believed for a moment, so that they do not become load.
"""

import time

from botocore.exceptions import BotoCoreError, ClientError

import bank
import store

BELIEVED_S = 5

_found: dict = {"until": 0.0, "trouble": None}


def trouble() -> str | None:
    """What is wrong here, as of a moment ago; None if nothing is."""
    if time.monotonic() >= _found["until"]:
        _found["trouble"] = _look()
        _found["until"] = time.monotonic() + BELIEVED_S
    return _found["trouble"]


def _look() -> str | None:
    try:
        store.read("health")
    except (BotoCoreError, ClientError) as error:
        return f"the table of orders cannot be read: {type(error).__name__}"
    return None if bank.is_well() else "the payment provider cannot be reached"
