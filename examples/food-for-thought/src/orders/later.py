"""Messages that cannot be dealt with yet: they come again, later each time."""

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from common import log
from store import near

sqs = boto3.client("sqs", config=near)


def attempt_of(message: dict) -> int:
    return int(message["attributes"]["ApproximateReceiveCount"])


def come_again(queue_url: str, message: dict, pause_max_s: int) -> None:
    """Twice as late as the last time. If the queue cannot be told, the message comes when its own time is over."""
    pause_s = min(2 ** min(attempt_of(message), 16), pause_max_s)
    try:
        sqs.change_message_visibility(
            QueueUrl=queue_url, ReceiptHandle=message["receiptHandle"], VisibilityTimeout=pause_s
        )
    except (BotoCoreError, ClientError) as error:
        log.warning("message not put off", trouble=type(error).__name__)
