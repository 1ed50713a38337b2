"""Queues themselves."""

from itertools import islice
from typing import Any

import msgspec

from panregion.services import Here, reads
from panregion.services.sqs import layout
from panregion.services.sqs.api.messages import queue_at
from panregion.services.sqs.attributes import COUNTS, check_name, check_same, checked, described, with_attributes
from panregion.services.sqs.counting import count
from panregion.services.sqs.errors import PurgeQueueInProgress, QueueDeletedRecently, invalid
from panregion.services.sqs.model import DELETED_RECENTLY_S, PURGE_EVERY_S, Queue
from panregion.services.sqs.names import queue_arn, queue_url
from panregion.services.sqs.redrive import check_target, name_of_arn
from panregion.services.sqs.work import drop_heap, keep_swept

Json = dict[str, Any]

LISTED_MAX = 1000


def create_queue(
    here: Here, queue_name: str, attributes: dict[str, str] | None = None, tags: dict[str, str] | None = None
) -> Json:
    given = {name: value for name, value in (attributes or {}).items() if value != ""}
    fifo = given.get("FifoQueue", "").lower() == "true"
    check_name(queue_name, fifo)
    given = checked(given, fifo=fifo, created=True)
    existing = layout.find_queue(here.tx, queue_name)
    if existing is not None:
        check_same(existing, given)
        return {"QueueUrl": queue_url(here, queue_name)}
    _check_deleted(here, queue_name)
    now = int(here.now())
    number = layout.next_number(here.tx)
    bare = Queue(name=queue_name, id=number, heap=number, fifo=fifo, created_s=now, modified_s=now, attributes={})
    queue = msgspec.structs.replace(with_attributes(bare, given), tags=tags or {})
    _check_redrive(here, queue)
    layout.put_queue(here.tx, queue)
    keep_swept(here)
    return {"QueueUrl": queue_url(here, queue_name)}


def _check_deleted(here: Here, name: str) -> None:
    deleted = here.tx.get(("sqs", "deleted", name))
    if deleted is None:
        return
    if here.now() - float(deleted) < DELETED_RECENTLY_S:
        raise QueueDeletedRecently(
            "You must wait 60 seconds after deleting a queue before you can create another with the same name."
        )
    here.tx.delete(("sqs", "deleted", name))


def _check_redrive(here: Here, queue: Queue) -> None:
    if queue.redrive is None:
        return
    name = name_of_arn(queue.redrive.target_arn, here.region, here.account_id)
    target = queue if name == queue.name else layout.find_queue(here.tx, name) if name is not None else None
    check_target(queue, queue_arn(here, queue.name), target, queue.attributes["RedrivePolicy"])


def delete_queue(here: Here, queue_url: str) -> None:
    queue = queue_at(here, queue_url)
    here.tx.delete(("sqs", "queue", queue.name))
    here.tx.put(("sqs", "deleted", queue.name), b"%f" % here.now())
    here.tx.touch(queue.feed)
    drop_heap(here, queue)


async def get_queue_attributes(here: Here, queue_url: str, attribute_names: list[str] | None = None) -> Json:
    """Asynchronous, because counting a long queue in one go would hold everybody else up."""
    names = attribute_names or []
    queue = here.read(lambda here: queue_at(here, queue_url))
    arn = queue_arn(here, queue.name)
    described(queue, arn, names, None)
    counted = "All" in names or any(name in COUNTS for name in names)
    tally = await count(here, queue) if counted else None
    shown = described(queue, arn, names, tally)
    return {"Attributes": shown} if shown else {}


@reads
def get_queue_url(here: Here, queue_name: str, queue_owner_aws_account_id: str | None = None) -> Json:
    account = queue_owner_aws_account_id or here.account_id
    queue = layout.require_queue(here.tx, queue_name if account == here.account_id else "")
    return {"QueueUrl": queue_url(here, queue.name)}


@reads
def list_dead_letter_source_queues(
    here: Here, queue_url: str, next_token: str | None = None, max_results: int | None = None
) -> Json:
    queue = queue_at(here, queue_url)
    arn = queue_arn(here, queue.name)
    sources = [one.name for one in layout.queues(here.tx) if one.redrive is not None and one.redrive.target_arn == arn]
    return _page(here, "queueUrls", sources, next_token, max_results)


@reads
def list_queues(
    here: Here, queue_name_prefix: str | None = None, next_token: str | None = None, max_results: int | None = None
) -> Json:
    limit = _limit(max_results)
    found = layout.queues_named(here.tx, queue_name_prefix or "", next_token)
    names = [queue.name for queue in islice(found, limit + 1)]
    answer = _page(here, "QueueUrls", names, None, max_results)
    return answer if names else {}


def _limit(max_results: int | None) -> int:
    if max_results is not None and not 1 <= max_results <= LISTED_MAX:
        raise invalid("MaxResults", max_results, f"Value must be between 1 and {LISTED_MAX}, if provided.")
    return max_results or LISTED_MAX


def _page(here: Here, member: str, names: list[str], after: str | None, max_results: int | None) -> Json:
    """A page of queues; AWS gives a token for the next one only to who asked for pages."""
    limit = _limit(max_results)
    left = [name for name in names if after is None or name > after]
    answer: Json = {member: [queue_url(here, name) for name in left[:limit]]}
    return answer | ({"NextToken": left[limit - 1]} if max_results and len(left) > limit else {})


def purge_queue(here: Here, queue_url: str) -> None:
    queue = queue_at(here, queue_url)
    if here.now() - queue.purged_s < PURGE_EVERY_S:
        raise PurgeQueueInProgress(
            f"Only one PurgeQueue operation on {queue.name} is allowed every {PURGE_EVERY_S} seconds."
        )
    heap = layout.next_number(here.tx)
    layout.put_queue(here.tx, msgspec.structs.replace(queue, heap=heap, purged_s=here.now()))
    drop_heap(here, queue)


def set_queue_attributes(here: Here, queue_url: str, attributes: dict[str, str]) -> None:
    queue = queue_at(here, queue_url)
    given = checked(attributes, fifo=queue.fifo, created=False)
    changed = msgspec.structs.replace(with_attributes(queue, given), modified_s=int(here.now()))
    if "RedrivePolicy" in given:
        _check_redrive(here, changed)
    layout.put_queue(here.tx, changed)
