"""Taking pipes to the states that they are on their way to.

pipes.settle   {pipe, id}    CREATING, UPDATING, STARTING -> RUNNING or a failure; STOPPING -> STOPPED; DELETING -> gone
pipes.follow   {}            readers follow the pipes that are running
"""

from typing import Any

import msgspec

from panregion.services import Here, WorkHandler
from panregion.services.pipes import layout
from panregion.services.pipes.model import Pipe, region_of, service_of
from panregion.services.pipes.running import follow
from panregion.wire import AwsError

Json = dict[str, Any]

FAILED = {"CREATING": "CREATE_FAILED", "UPDATING": "UPDATE_FAILED", "STARTING": "START_FAILED"}


async def settle(here: Here, payload: Json) -> None:
    """Carry out a change. A reader that has to end has ended before the change is said to be done."""
    pipe = here.read(lambda here: layout.find(here.tx, payload["pipe"]))
    if pipe is None or pipe.id != payload["id"]:
        return
    await follow(here)
    reason = await _hindrance(here, pipe) if pipe.state in FAILED else None
    await here.transact(lambda here: _settle(here, pipe, reason))
    await follow(here)


async def _hindrance(here: Here, pipe: Pipe) -> str | None:
    """Why the source cannot be read, in words. Raises AwsError where nobody can say that yet."""
    region = region_of(pipe.source)
    if region != here.region:
        return f"The source {pipe.source} is not in the pipe's region ({here.region})."
    try:
        if service_of(pipe.source) == "sqs":
            account, name = pipe.source.split(":")[4:6]
            url = f"{here.settings.endpoint(region)}/{account}/{name}"
            await here.request("sqs", "GetQueueAttributes", {"QueueUrl": url, "AttributeNames": ["QueueArn"]})
        else:
            await here.request("dynamodbstreams", "DescribeStream", {"StreamArn": pipe.source, "Limit": 1})
    except AwsError as error:
        if error.fault != "Sender":
            raise
        return f"{error.code}: {error.message}"
    return None


def _settle(here: Here, seen: Pipe, reason: str | None) -> None:
    pipe = layout.find(here.tx, seen.name)
    if pipe is None or (pipe.id, pipe.state, pipe.modified_s) != (seen.id, seen.state, seen.modified_s):
        return
    if pipe.state == "DELETING":
        layout.delete(here.tx, pipe)
        return
    state = pipe.desired if reason is None else FAILED[pipe.state]
    layout.put(here.tx, msgspec.structs.replace(pipe, state=state, reason=reason))


async def follow_pipes(here: Here, _payload: Json) -> None:
    await follow(here)


WORK: dict[str, WorkHandler] = {"pipes.follow": follow_pipes, "pipes.settle": settle}
