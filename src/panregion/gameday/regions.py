"""The regions of the world, as a `verify` function and the checks of stores reach them: each directly, past its users.

boto3 blocks, so what is asked of it runs in a thread.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from panregion.world import WorldSettings
from panregion.world.aside import aside
from panregion.world.aws_client import aws_client


class Region:
    """One region."""

    def __init__(self, name: str, endpoint: str) -> None:
        self.name = name
        self.endpoint = endpoint
        self._clients: dict[str, Any] = {}

    def client(self, service: str) -> Any:
        """AWS's own client; it blocks."""
        if service not in self._clients:
            from botocore.config import Config

            patience = Config(connect_timeout=2, read_timeout=10, retries={"max_attempts": 2})
            self._clients[service] = aws_client(service, self.name, self.endpoint, patience)
        return self._clients[service]

    async def call(self, service: str, operation: str, **params: Any) -> Any:
        """An operation by the name that boto3 gives it: `await region.call("dynamodb", "get_item", ...)`.

        Raises botocore's ClientError for what the region refuses, BotoCoreError where it does not answer.
        """
        client = await aside(self.client, service)
        return await aside(partial(getattr(client, operation), **params))


class Regions(Mapping[str, Region]):
    """All of them by name, the primary one first."""

    def __init__(self, settings: WorldSettings) -> None:
        self._regions = {name: Region(name, settings.endpoint(name)) for name in settings.regions}

    def __getitem__(self, name: str) -> Region:
        return self._regions[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._regions)

    def __len__(self) -> int:
        return len(self._regions)
