"""Amazon SQS: one function per operation, named as AWS names it."""

from panregion.services.sqs.api.batches import (
    change_message_visibility_batch,
    delete_message_batch,
    send_message_batch,
)
from panregion.services.sqs.api.messages import (
    change_message_visibility,
    delete_message,
    receive_message,
    send_message,
)
from panregion.services.sqs.api.permissions import (
    add_permission,
    list_queue_tags,
    remove_permission,
    tag_queue,
    untag_queue,
)
from panregion.services.sqs.api.queues import (
    create_queue,
    delete_queue,
    get_queue_attributes,
    get_queue_url,
    list_dead_letter_source_queues,
    list_queues,
    purge_queue,
    set_queue_attributes,
)
from panregion.services.sqs.api.tasks import (
    cancel_message_move_task,
    list_message_move_tasks,
    start_message_move_task,
)

__all__ = [
    "add_permission",
    "cancel_message_move_task",
    "change_message_visibility",
    "change_message_visibility_batch",
    "create_queue",
    "delete_message",
    "delete_message_batch",
    "delete_queue",
    "get_queue_attributes",
    "get_queue_url",
    "list_dead_letter_source_queues",
    "list_message_move_tasks",
    "list_queue_tags",
    "list_queues",
    "purge_queue",
    "receive_message",
    "remove_permission",
    "send_message",
    "send_message_batch",
    "set_queue_attributes",
    "start_message_move_task",
    "tag_queue",
    "untag_queue",
]
