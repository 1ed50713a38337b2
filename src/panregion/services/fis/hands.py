"""Faults begun and ended: the control API on loopback, which lies outside the world and crosses no link."""

from typing import Any

import msgspec

from panregion.services.here import Here
from panregion.world import ClientError

EDGE = "edge"
"""Control is reached as the edge is: near to all regions."""
TIMEOUT_S = 30.0


class ControlRefused(Exception):
    """Control would not, or cannot be reached; the text says why."""


async def begin(here: Here, fault: dict[str, Any], duration_s: float) -> str:
    """Begin a fault that ends by itself after `duration_s`, should nobody end it; control's id of it.

    Raises ControlRefused.
    """
    answer = await _ask(here, "POST", "/faults", {"fault": fault, "duration_s": duration_s})
    return str(answer["id"])


async def end(here: Here, id: str) -> None:
    """End a fault; one that is over is left in peace. Raises ControlRefused where control cannot be reached."""
    await _ask(here, "DELETE", f"/faults/{id}")


async def _ask(here: Here, method: str, path: str, body: Any = None) -> Any:
    url = f"http://127.0.0.1:{here.settings.ports.control}{path}"
    payload = b"" if body is None else msgspec.json.encode(body)
    try:
        response = await here.dispatch.client(here.region).send(method, url, [], payload, timeout_s=TIMEOUT_S)
    except ClientError as error:
        raise ControlRefused(f"the world's control cannot be reached: {error}") from error
    assert isinstance(response.body, bytes)
    try:
        answer = msgspec.json.decode(response.body)
    except msgspec.DecodeError as error:
        raise ControlRefused(f"what answers at {url} is no world's control") from error
    if response.status != 200:
        raise ControlRefused(answer["message"])
    return answer
