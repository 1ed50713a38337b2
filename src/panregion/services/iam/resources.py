"""What the resource types of IAM share: requests, tags that say whose a thing is, creations that undo themselves."""

from collections.abc import Awaitable, Callable
from typing import Any

from panregion.services import stack_calls
from panregion.services.here import Here
from panregion.services.stack import Context, Properties
from panregion.services.stack_calls import is_owner, owner_tags, tag_list
from panregion.wire.errors import AwsError

NAME_MAX = 64
POLICY_NAME_MAX = 128


def tags_of(properties: Properties, context: Context) -> list[dict[str, str]]:
    return tag_list(stack_calls.tags_of(properties, context) | owner_tags(context))


async def ask(here: Here, operation: str, **params: Any) -> dict[str, Any]:
    return await stack_calls.ask(here, "iam", operation, **params)


async def gone(here: Here, operation: str, **params: Any) -> None:
    """Delete; what is gone is fine."""
    await stack_calls.unless_gone(here, "iam", operation, gone=("NoSuchEntity",), **params)


async def is_ours(here: Here, kind: str, name: str, context: Context) -> bool:
    """Whether an earlier attempt of the same step made it. An explicit name may be somebody else's."""
    if name.endswith(context.suffix):
        return True
    found = (await ask(here, f"List{kind}Tags", **{f"{kind}Name": name}))["Tags"]
    return is_owner({tag["Key"]: tag["Value"] for tag in found}, context)


async def whole(making: Awaitable[None], unmake: Callable[[], Awaitable[None]]) -> None:
    """The rest of a creation, or nothing of it: a resource that failed to be created leaves nothing behind."""
    try:
        await making
    except AwsError:
        await unmake()
        raise
