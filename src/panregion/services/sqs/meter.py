"""SQS's own metrics: once a minute, what each queue holds, in AWS/SQS by QueueName.

AWS stops six hours after a queue was last used; here every queue is told of. What AWS also has are sums of requests
(NumberOfMessagesSent and its like), which are not kept here.
"""

import logging
from typing import Any

from panregion.services import Here
from panregion.services.sqs.counting import count
from panregion.services.sqs.model import US, Queue, Tally
from panregion.wire import AwsError

log = logging.getLogger("panregion.sqs")


async def tell(here: Here, queues: list[Queue]) -> None:
    """Tell CloudWatch what the queues hold now."""
    now = here.now()
    data = [datum for queue in queues for datum in _data(queue.name, await count(here, queue), now)]
    if not data:
        return
    try:
        await here.request("cloudwatch", "panregion:AddFigures", {"namespace": "AWS/SQS", "data": data})
    except AwsError as error:
        log.warning("SQS's metrics of a minute are lost: %s", error)


def _data(name: str, tally: Tally, now: float) -> list[dict[str, Any]]:
    """As CloudWatch takes them: each told once."""
    age_s = 0.0 if tally.oldest_us is None else max(0.0, now - tally.oldest_us / US)
    values = {
        "ApproximateNumberOfMessagesVisible": (tally.visible, "Count"),
        "ApproximateNumberOfMessagesNotVisible": (tally.inflight, "Count"),
        "ApproximateNumberOfMessagesDelayed": (tally.delayed, "Count"),
        "ApproximateAgeOfOldestMessage": (int(age_s), "Seconds"),
    }
    at, dimensions = int(now), [["QueueName", name]]
    return [
        {"metric": metric, "unit": unit, "at": at, "dimensions": dimensions, "figures": [1, value, value, value]}
        for metric, (value, unit) in values.items()
    ]
