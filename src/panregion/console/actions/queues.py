"""Sending dead letters back to where they came from."""

from panregion.console.actions.action import Action, Given
from panregion.console.kinds.section import aws, last
from panregion.console.site import Site


async def _redrive(site: Site, given: Given) -> str:
    await site.aws.ask(given["region"], "sqs", "start_message_move_task", SourceArn=given["queue"])
    return f"the messages of {last(given['queue'])} in {given['region']} go back to where they came from"


REDRIVE = Action(
    "Redrive",
    ("region", "queue"),
    lambda given: aws("sqs", "start-message-move-task", given["region"], source_arn=given["queue"]),
    _redrive,
    lambda given: (
        f"What lies in {last(given['queue'])} is sent back to the queues that it came from, to be worked at again."
    ),
)
