"""Parameters that many operations share, declared once: decorators that keep the signature whole.

`gathers("checksums", MEMBERS)` gives an operation all of those AWS members as parameters, and hands it those that
came as one dict by AWS's names. `owned` gives it ExpectedBucketOwner and checks that. The region reads signatures to
know what an operation takes, so both declare what they add.
"""

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from botocore import xform_name

from panregion.services import Here
from panregion.services.s3 import checksums
from panregion.services.s3.errors import AccessDenied

Operation = TypeVar("Operation", bound=Callable[..., Any])
Arguments = dict[str, Any]

SETTINGS = (
    *("CacheControl", "ContentDisposition", "ContentEncoding", "ContentLanguage", "ContentType", "Expires"),
    *("WebsiteRedirectLocation", "StorageClass", "ServerSideEncryption", "SSEKMSKeyId", "BucketKeyEnabled"),
)
"""What is kept with an object and given back to those who read it."""


def gathers(name: str, members: Iterable[str]) -> Callable[[Operation], Operation]:
    """Add AWS's members to an operation's parameters; it gets those that came as the dict `name`."""
    snake = {xform_name(member): member for member in members}

    def gather(arguments: Mapping[str, Any]) -> Arguments:
        rest = {key: value for key, value in arguments.items() if key not in snake}
        rest[name] = {snake[key]: value for key, value in arguments.items() if key in snake and value is not None}
        return rest

    def decorate(operation: Operation) -> Operation:
        return _wrapped(operation, lambda _here, arguments: gather(arguments), added=snake, hidden={name})

    return decorate


def owned(operation: Operation) -> Operation:
    """Add ExpectedBucketOwner. Whoever expects another owner than the region's account gets AccessDenied."""

    def check(here: Here, arguments: Mapping[str, Any]) -> Arguments:
        rest = dict(arguments)
        if rest.pop("expected_bucket_owner", None) not in (None, here.account_id):
            raise AccessDenied("Access Denied")
        return rest

    return _wrapped(operation, check, added=["expected_bucket_owner"], hidden=set())


def takes_settings(operation: Operation) -> Operation:
    return gathers("settings", SETTINGS)(operation)


def takes_checksums(operation: Operation) -> Operation:
    return gathers("given", checksums.MEMBERS)(operation)


def _wrapped(
    operation: Operation,
    change: Callable[[Here, Mapping[str, Any]], Arguments],
    added: Iterable[str],
    hidden: set[str],
) -> Operation:
    if inspect.iscoroutinefunction(operation):

        @functools.wraps(operation)
        async def waits(here: Here, **arguments: Any) -> Any:
            return await operation(here, **change(here, arguments))

        wrapper: Any = waits
    else:

        @functools.wraps(operation)
        def runs(here: Here, **arguments: Any) -> Any:
            return operation(here, **change(here, arguments))

        wrapper = runs
    signature = inspect.signature(operation)
    kept = [parameter for parameter in signature.parameters.values() if parameter.name not in hidden]
    new = [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None) for name in added]
    wrapper.__signature__ = signature.replace(parameters=[*kept, *new])
    result: Operation = wrapper
    return result
