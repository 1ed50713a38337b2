"""Tags, and permissions: kept and shown, not enforced."""

from typing import Any

import msgspec

from panregion.services import Here, reads
from panregion.services.sqs import layout
from panregion.services.sqs.api.messages import queue_at
from panregion.services.sqs.errors import InvalidParameterValue, OverLimit, invalid
from panregion.services.sqs.model import Queue
from panregion.services.sqs.names import queue_arn

Json = dict[str, Any]

ACTIONS = frozenset(
    {
        *("*", "ChangeMessageVisibility", "DeleteMessage", "GetQueueAttributes", "GetQueueUrl"),
        *("ListDeadLetterSourceQueues", "PurgeQueue", "ReceiveMessage", "SendMessage"),
    }
)
ACTIONS_MAX = 7
TAGS_MAX = 50


def add_permission(
    here: Here,
    queue_url: str,
    label: str,
    aws_account_ids: list[str],
    actions: list[str],
) -> None:
    queue = queue_at(here, queue_url)
    if len(actions) > ACTIONS_MAX:
        raise OverLimit(f"{len(actions)} Actions were found, maximum allowed is {ACTIONS_MAX}.")
    for action in actions:
        if action not in ACTIONS:
            readable = ", ".join(sorted(ACTIONS - {"*"}))
            raise invalid("ActionName", f"SQS:{action}", f"Please refer to the appropriate WSDL for a list of valid "
                          f"actions: {readable}.")  # fmt: skip
    policy = _policy(queue) or {
        "Version": "2008-10-17",
        "Id": f"{queue_arn(here, queue.name)}/SQSDefaultPolicy",
        "Statement": [],
    }
    if any(statement.get("Sid") == label for statement in policy["Statement"]):
        raise invalid("Label", label, "Already exists.")
    policy["Statement"].append(
        {
            "Sid": label,
            "Effect": "Allow",
            "Principal": {"AWS": _one_or_all([f"arn:aws:iam::{account}:root" for account in aws_account_ids])},
            "Action": _one_or_all([f"SQS:{action}" for action in actions]),
            "Resource": queue_arn(here, queue.name),
        }
    )
    _put_policy(here, queue, policy)


def _one_or_all(values: list[str]) -> str | list[str]:
    return values[0] if len(values) == 1 else values


def _policy(queue: Queue) -> Json | None:
    text = queue.attributes.get("Policy")
    if text is None:
        return None
    policy: Json = msgspec.json.decode(text)
    statements = policy.get("Statement", [])
    return {**policy, "Statement": statements if isinstance(statements, list) else [statements]}


def _put_policy(here: Here, queue: Queue, policy: Json | None) -> None:
    attributes = {name: value for name, value in queue.attributes.items() if name != "Policy"}
    if policy is not None:
        attributes["Policy"] = msgspec.json.encode(policy).decode()
    changed = msgspec.structs.replace(queue, attributes=attributes, modified_s=int(here.now()))
    layout.put_queue(here.tx, changed)


def remove_permission(here: Here, queue_url: str, label: str) -> None:
    queue = queue_at(here, queue_url)
    policy = _policy(queue) or {"Statement": []}
    left = [statement for statement in policy["Statement"] if statement.get("Sid") != label]
    if len(left) == len(policy["Statement"]):
        raise invalid("Label", label, "can't find label.")
    _put_policy(here, queue, {**policy, "Statement": left} if left else None)


@reads
def list_queue_tags(here: Here, queue_url: str) -> Json:
    tags = queue_at(here, queue_url).tags
    return {"Tags": tags} if tags else {}


def tag_queue(here: Here, queue_url: str, tags: dict[str, str]) -> None:
    queue = queue_at(here, queue_url)
    whole = {**queue.tags, **tags}
    if len(whole) > TAGS_MAX:
        raise InvalidParameterValue(f"Too many tags added for queue {queue.name}.")
    layout.put_queue(here.tx, msgspec.structs.replace(queue, tags=whole))


def untag_queue(here: Here, queue_url: str, tag_keys: list[str]) -> None:
    queue = queue_at(here, queue_url)
    left = {name: value for name, value in queue.tags.items() if name not in tag_keys}
    layout.put_queue(here.tx, msgspec.structs.replace(queue, tags=left))
