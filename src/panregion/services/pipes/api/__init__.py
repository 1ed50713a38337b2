"""EventBridge Pipes: one function per operation, named as AWS names it."""

from panregion.services.pipes.api.pipes import (
    create_pipe,
    delete_pipe,
    describe_pipe,
    list_pipes,
    start_pipe,
    stop_pipe,
    update_pipe,
)
from panregion.services.pipes.api.tags import list_tags_for_resource, tag_resource, untag_resource

__all__ = [
    "create_pipe",
    "delete_pipe",
    "describe_pipe",
    "list_pipes",
    "list_tags_for_resource",
    "start_pipe",
    "stop_pipe",
    "tag_resource",
    "untag_resource",
    "update_pipe",
]
