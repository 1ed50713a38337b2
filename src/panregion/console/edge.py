"""Asking the edge's own API (edge/api.py): checks, answers, places, requests."""

from typing import Any
from urllib.parse import urlencode

import msgspec

from panregion.world import ClientError, HttpClient, WorldSettings, direct_dial

TIMEOUT_S = 3.0


class EdgeAway(Exception):
    """The edge does not answer; the text says what to do."""


class EdgeRefused(Exception):
    """The edge answered that the question makes no sense; the text says why."""


class Edge:
    """The edge of a world."""

    def __init__(self, settings: WorldSettings) -> None:
        self._url = f"http://127.0.0.1:{settings.ports.edge}/_panregion/"
        self._client = HttpClient(direct_dial)

    async def ask(self, path: str, **query: str | int) -> Any:
        """What the edge answers at a path of its API. Raises EdgeAway, EdgeRefused."""
        url = f"{self._url}{path}?{urlencode(query)}" if query else self._url + path
        try:
            response = await self._client.send("GET", url, timeout_s=TIMEOUT_S)
        except ClientError as error:
            raise EdgeAway(f"the edge does not answer ({error}): `panregion status` says how the world is") from error
        assert isinstance(response.body, bytes)
        answer = msgspec.json.decode(response.body)
        if response.status != 200:
            raise EdgeRefused(answer["message"])
        return answer

    async def close(self) -> None:
        await self._client.close()
