"""What the resource types of IAM share: requests, tags that say whose a thing is, creations that undo themselves."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from panregion.services.here import Here
from panregion.services.stack import Context, Properties
from panregion.wire.errors import AwsError

NAME_MAX = 64
POLICY_NAME_MAX = 128


def document(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def tags_of(properties: Properties, context: Context) -> list[dict[str, str]]:
    own = {tag["Key"]: str(tag["Value"]) for tag in properties.get("Tags") or []}
    owner = {
        "aws:cloudformation:stack-name": context.stack_name,
        "aws:cloudformation:stack-id": context.stack_id,
        "aws:cloudformation:logical-id": context.logical_id,
    }
    return [{"Key": key, "Value": value} for key, value in {**context.tags, **own, **owner}.items()]


async def ask(here: Here, operation: str, **params: Any) -> dict[str, Any]:
    given = {name: value for name, value in params.items() if value is not None}
    return await here.request("iam", operation, given)


async def gone(here: Here, operation: str, **params: Any) -> None:
    """Delete; what is gone is fine."""
    try:
        await ask(here, operation, **params)
    except AwsError as error:
        if error.code != "NoSuchEntity":
            raise


async def is_ours(here: Here, kind: str, name: str, context: Context) -> bool:
    """Whether an earlier attempt of the same step made it. An explicit name may be somebody else's."""
    if name.endswith(context.suffix):
        return True
    found = (await ask(here, f"List{kind}Tags", **{f"{kind}Name": name}))["Tags"]
    held = {tag["Key"]: tag["Value"] for tag in found}
    return (
        held.get("aws:cloudformation:stack-id") == context.stack_id
        and held.get("aws:cloudformation:logical-id") == context.logical_id
    )


async def whole(making: Awaitable[None], unmake: Callable[[], Awaitable[None]]) -> None:
    """The rest of a creation, or nothing of it: a resource that failed to be created leaves nothing behind."""
    try:
        await making
    except AwsError:
        await unmake()
        raise
