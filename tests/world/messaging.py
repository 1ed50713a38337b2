"""A region that is killed while events are under way: requests to its services, and a ledger of what came of them."""

import base64
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import msgspec

from panregion.functions import zipped
from panregion.world import ClientError
from tests.world.crash import REGION, Victim

ACCOUNT = "000000000000"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/any"

HANDLER = """
import os

def bodies(event):
    if "Records" in event:
        return [each["Sns"]["Message"] if "Sns" in each else each["body"] for each in event["Records"]]
    return [event.get("detail-type") or event["body"]]

def handler(event, context):
    with open(os.environ["RECEIVED"], "ab", buffering=0) as received:
        received.write("".join(f"{body}\\n" for body in bodies(event)).encode())
"""
"""A function that writes down what it is given, outside of the region."""


class Failed(Exception):
    """The region did not acknowledge."""


def arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


class Messaging(Victim):
    """A region's process, and requests to SQS, SNS, EventBridge, Lambda and Pipes."""

    def url(self, queue: str) -> str:
        return f"{self.settings.endpoint(REGION)}/{ACCOUNT}/{queue}"

    async def sqs(self, operation: str, **params: Any) -> dict[str, Any]:
        """Raises Failed."""
        return await self._json("sqs", f"AmazonSQS.{operation}", params)

    async def events(self, operation: str, **params: Any) -> dict[str, Any]:
        """Raises Failed."""
        return await self._json("events", f"AWSEvents.{operation}", params)

    async def sns(self, action: str, **fields: str) -> None:
        """Raises Failed."""
        form = urlencode({"Action": action, "Version": "2010-03-31", **fields}).encode()
        await self._post("/", [("Content-Type", "application/x-www-form-urlencoded")], form)

    async def rest(self, service: str, path: str, params: Any, *headers: tuple[str, str]) -> bytes:
        """Raises Failed."""
        return await self._post(path, [_scope(service), *headers], msgspec.json.encode(params))

    async def _json(self, service: str, target: str, params: dict[str, Any]) -> dict[str, Any]:
        body = await self._post("/", [_scope(service), ("X-Amz-Target", target)], msgspec.json.encode(params))
        answer: dict[str, Any] = msgspec.json.decode(body or b"{}")
        return answer

    async def _post(self, path: str, headers: list[tuple[str, str]], body: bytes) -> bytes:
        try:
            url = self.settings.endpoint(REGION) + path
            response = await self.client.send("POST", url, headers, body, timeout_s=20)
        except ClientError as error:
            raise Failed(str(error)) from error
        assert isinstance(response.body, bytes)
        if response.status >= 300:
            raise Failed(response.body.decode())
        return response.body

    async def deploy(self, name: str, received: Path) -> str:
        """A function that writes what it is given to that file; its ARN."""
        params = {
            "FunctionName": name,
            "Runtime": "python3.11",
            "Role": ROLE,
            "Handler": "app.handler",
            "Timeout": 3,
            "Code": {"ZipFile": base64.b64encode(zipped({"app.py": HANDLER})).decode()},
            "Environment": {"Variables": {"RECEIVED": str(received)}},
        }
        await self.rest("lambda", "/2015-03-31/functions", params)
        await self.rest("lambda", f"/2015-03-31/functions/{name}/invocations", {"Records": []})
        return arn("lambda", f"function:{name}")


def _scope(service: str) -> tuple[str, str]:
    scope = f"Credential=test/20261121/{REGION}/{service}/aws4_request, SignedHeaders=host, Signature=0"
    return "Authorization", f"AWS4-HMAC-SHA256 {scope}"


@dataclass
class Ledger:
    """What was acknowledged, and what came, by the ways that events went."""

    acknowledged: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """Way -> bodies."""
    received: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def lost(self, way: str) -> list[str]:
        return sorted(set(self.acknowledged[way]) - set(self.received[way]))

    def duplicates(self, way: str) -> int:
        return sum(count - 1 for count in Counter(self.received[way]).values())

    def first_seen(self, way: str, group: str) -> list[int]:
        """The numbers of a group's messages in the order in which they first came."""
        bodies = dict.fromkeys(body for body in self.received[way] if body.startswith(f"{group}-"))
        return [int(body.rpartition("-")[2]) for body in bodies]

    def read(self, way: str, file: Path) -> None:
        """What a function wrote down. A line that a kill cut short is none."""
        lines = file.read_text().split("\n") if file.exists() else [""]
        self.received[way] = lines[:-1]
