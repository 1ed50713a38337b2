"""What a stack, its resources, events and change sets are. Frozen; every change makes a new value."""

from typing import Any

from msgspec import Struct

UPDATABLE = frozenset(
    {
        "CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE", "UPDATE_FAILED",
        "CREATE_FAILED",
    }
)  # fmt: skip
BUSY = frozenset(
    {
        "CREATE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS", "DELETE_IN_PROGRESS", "UPDATE_IN_PROGRESS",
        "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS",
        "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
    }
)  # fmt: skip


class Frozen(Struct, frozen=True, kw_only=True, omit_defaults=True):
    pass


class Blueprint(Frozen, frozen=True):
    """What a stack is (or is to become): everything that an operation on it was given."""

    text: str
    body: dict[str, Any]  # after transforms and dynamic reading of parameters; what the engine works from
    parameters: dict[str, str] = {}  # as given or defaulted
    resolved: dict[str, Any] = {}  # what Ref gives: SSM values looked up, lists split
    capabilities: list[str] = []
    tags: dict[str, str] = {}
    notification_arns: list[str] = []


class Output(Frozen, frozen=True):
    key: str
    value: str
    description: str | None = None
    export: str | None = None


class Stack(Frozen, frozen=True):
    stack_id: str
    name: str
    status: str
    created: float
    operation: str  # changes with every create, update, delete: work of an earlier one stops when it sees it
    description: str | None = None
    reason: str | None = None
    updated: float | None = None
    deleted: float | None = None
    outputs: list[Output] = []
    parameters: dict[str, str] = {}  # shown; NoEcho ones are masked
    resolved_parameters: dict[str, str] = {}
    capabilities: list[str] = []
    tags: dict[str, str] = {}
    notification_arns: list[str] = []
    disable_rollback: bool = False
    on_failure: str = "ROLLBACK"
    retain_except_on_create: bool = False
    termination_protection: bool = False
    cancel_requested: bool = False
    change_set_id: str | None = None
    role_arn: str | None = None
    timeout_minutes: int | None = None
    parent_id: str | None = None
    root_id: str | None = None
    policy: str | None = None
    retain: list[str] = []  # DeleteStack's RetainResources
    skip: list[str] = []  # ContinueUpdateRollback's ResourcesToSkip


class Made(Frozen, frozen=True):
    """A resource that exists, or may exist: a step towards it was begun."""

    suffix: str
    properties: dict[str, Any] = {}
    physical_id: str | None = None
    attributes: dict[str, Any] = {}
    metadata: Any = None
    deletion_policy: str = "Delete"
    replace_policy: str = "Delete"


class Resource(Frozen, frozen=True):
    """One logical id of a stack.

    `made` is what exists now. During an update `before` is what existed when it began (None for a resource that
    the update adds) and `operation` the update that last finished with it.
    """

    logical_id: str
    type: str
    status: str
    made: Made
    updated: float
    order: int = 0  # of creation, so that deletion can go backwards
    needs: list[str] = []
    reason: str | None = None
    operation: str = ""
    done: bool = False  # whether `operation` is finished with it
    before: Made | None = None
    begun: bool = False  # a create or update was begun whose end is not recorded


class Leftover(Frozen, frozen=True):
    """Something to delete in the cleanup phase: what was replaced or removed."""

    logical_id: str
    type: str
    made: Made
    order: int = 0
    needs: list[str] = []
    removes: bool = False  # the logical id goes too


class Event(Frozen, frozen=True):
    event_id: str
    logical_id: str
    physical_id: str
    type: str
    status: str
    at: float
    reason: str | None = None
    properties: str | None = None
    token: str | None = None


class Detail(Frozen, frozen=True):
    attribute: str
    evaluation: str
    source: str
    name: str | None = None
    recreation: str | None = None
    causing: str | None = None


class Change(Frozen, frozen=True):
    action: str
    logical_id: str
    type: str
    physical_id: str | None = None
    replacement: str | None = None
    scope: list[str] = []
    details: list[Detail] = []
    policy_action: str | None = None


class ChangeSet(Frozen, frozen=True):
    change_set_id: str
    name: str
    stack_id: str
    stack_name: str
    kind: str  # CREATE or UPDATE
    status: str
    execution: str
    created: float
    changes: list[Change] = []
    reason: str | None = None
    description: str | None = None
    shown_parameters: dict[str, str] = {}
    resolved_parameters: dict[str, str] = {}
    capabilities: list[str] = []
    tags: dict[str, str] = {}
    notification_arns: list[str] = []
    role_arn: str | None = None
    on_failure: str | None = None
    include_nested: bool = False


class Export(Frozen, frozen=True):
    name: str
    stack_id: str
    value: str
