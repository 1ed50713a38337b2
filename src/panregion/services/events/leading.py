"""PutEvents by way of a global endpoint: where its name leads, as the edge answers it.

A client that resolves the endpoint's name comes to the right region by itself. One that was told this region's address
(AWS_ENDPOINT_URL) is passed on to where the name leads. Where the edge cannot be asked, or that region not be reached,
this region takes the events, as it does from clients whose resolvers have not yet heard that the name has moved.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from panregion.services import Here
from panregion.services.events.endpoints import DOMAIN, ENDPOINTS
from panregion.services.events.errors import ResourceNotFoundException
from panregion.wire import AwsError
from panregion.world import ClientError

Json = dict[str, Any]

EDGE = "edge"
TIMEOUT_S = 2.0
KEPT_S = 1.0


async def put_by_endpoint(here: Here, _operation: Callable[..., Any], arguments: Json) -> Json:
    """In place of PutEvents. Raises ResourceNotFoundException where the edge knows no such endpoint."""
    region = await leads_to(here, arguments["endpoint_id"])
    asked = {"Entries": arguments["entries"]}
    if region is not None and region != here.region:
        try:
            return await here.request("events", "panregion:PutEventsHere", asked, region=region)
        except AwsError as error:
            if error.status < 500:
                raise
    return await here.request("events", "panregion:PutEventsHere", asked)


async def leads_to(here: Here, endpoint_id: str) -> str | None:
    """The region that the endpoint's name leads to; None where nobody can tell. Raises ResourceNotFoundException."""
    known: dict[str, tuple[float, str]] = here.running.setdefault("events-endpoints", {})
    now = here.world.clock.monotonic()
    if endpoint_id in known and now - known[endpoint_id][0] < KEPT_S:
        return known[endpoint_id][1]
    url = f"http://127.0.0.1:{here.settings.ports.edge}/_panregion/answer?name={endpoint_id}{DOMAIN}&type=A"
    try:
        response = await here.dispatch.client(EDGE).send("GET", url, timeout_s=TIMEOUT_S)
    except ClientError:
        return None
    assert isinstance(response.body, bytes)
    values = msgspec.json.decode(response.body).get("values", []) if response.status == 200 else []
    if not values and here.read(lambda here: any(each.id == endpoint_id for each in ENDPOINTS.all(here.tx))):
        return None  # the edge has not heard of it yet
    if not values:
        raise ResourceNotFoundException(f"Endpoint {endpoint_id} does not exist.")
    region = here.settings.region_at(values[0])
    if region is not None:
        known[endpoint_id] = (now, region)
    return region
