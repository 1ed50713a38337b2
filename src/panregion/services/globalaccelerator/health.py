"""What the edge holds of endpoints' health, asked for over the edge's own API. Where it does not answer: nothing."""

from typing import Any

import msgspec

from panregion.services import Here
from panregion.world import ClientError

EDGE = "edge"
TIMEOUT_S = 2.0

Health = dict[str, dict[str, tuple[str, str]]]


async def endpoints(here: Here) -> Health:
    """{group's ARN: {endpoint's id: (state, reason)}}, as the edge's plane reports it."""
    url = f"http://127.0.0.1:{here.settings.ports.edge}/_panregion/health"
    try:
        answer = await here.dispatch.client(EDGE).send("GET", url, timeout_s=TIMEOUT_S)
    except ClientError:
        return {}  # the edge is starting again: AWS, too, says INITIAL of what has not been checked
    assert isinstance(answer.body, bytes)
    if answer.status != 200:
        return {}
    plane: dict[str, Any] = msgspec.json.decode(answer.body).get("planes", {}).get("accelerator", {})
    found: Health = {}
    for row in plane.get("endpoints", []):
        found.setdefault(row["group"], {})[row["endpoint"]] = (row["state"], row["reason"])
    return found
