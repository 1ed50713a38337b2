"""Asking regions as their customers do: AWS's own client, one for each service and region, its calls in threads.

boto3 is imported when a page is open: a console that nobody looks at does without it.
"""

import asyncio
from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Any, TypeVar

from panregion.world import WorldSettings
from panregion.world.aside import aside
from panregion.world.aws_client import aws_client

T = TypeVar("T")
CONNECT_TIMEOUT_S = 1.0
READ_TIMEOUT_S = 10.0


class Refused(Exception):
    """The region answered with an error. `code` is AWS's; the text is AWS's message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Away(Exception):
    """The region does not answer; the text says what to do."""


class Aws:
    """The regions of a world, as AWS."""

    def __init__(self, settings: WorldSettings) -> None:
        self._settings = settings
        self._clients: dict[tuple[str, str], Any] = {}
        self._readying: asyncio.Task[ModuleType] | None = None
        self._making = asyncio.Lock()
        """Of two who ask for the same client one makes it."""

    def get_ready(self) -> None:
        """Import boto3 meanwhile, in a thread, once: the first page that asks a region need not wait for it."""
        if self._readying is None:
            self._readying = asyncio.create_task(aside(import_module, "boto3"))

    async def ask(self, region: str, service: str, operation: str, **params: Any) -> dict[str, Any]:
        """What a region answers to an operation by its name in boto3 ("list_tables"). Raises Refused, Away."""
        client = await self._client(region, service)
        answer: dict[str, Any] = await _told(region, lambda: getattr(client, operation)(**params))
        return answer

    async def all(
        self, region: str, service: str, operation: str, key: str, *, most: int = 10_000, **params: Any
    ) -> list[Any]:
        """What a list's pages have under `key`, up to `most` entries. Raises Refused, Away."""
        client = await self._client(region, service)

        def read() -> list[Any]:
            pages = client.get_paginator(operation).paginate(**params, PaginationConfig={"MaxItems": most})
            return [entry for page in pages for entry in page.get(key, [])]

        return await _told(region, read)

    async def _client(self, region: str, service: str) -> Any:
        async with self._making:
            if (region, service) not in self._clients:
                self._clients[region, service] = await aside(self._made, region, service)
            return self._clients[region, service]

    def _made(self, region: str, service: str) -> Any:
        from botocore.config import Config

        patience = {"connect_timeout": CONNECT_TIMEOUT_S, "read_timeout": READ_TIMEOUT_S}
        config = Config(**patience, retries={"total_max_attempts": 1})  # type: ignore[arg-type]
        return aws_client(service, region, self._settings.endpoint(region), config, key="console")


async def _told(region: str, call: Callable[[], T]) -> T:
    """The call's answer, its errors as ours."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return await aside(call)
    except ClientError as error:
        raise Refused(error.response["Error"]["Code"], error.response["Error"]["Message"]) from error
    except BotoCoreError as error:
        raise Away(f"{region} does not answer: `panregion status` says how it is") from error
