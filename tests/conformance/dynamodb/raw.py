"""Requests as they go over the wire: any bytes for a body, signed, with nothing checked or retried on the way."""

import json
import socket
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.httpsession import URLLib3Session

from tests.support import AGAINST_AWS, REGION, ServedRegion


@dataclass(frozen=True)
class Answer:
    """What came back: `error` is (code, message), or None for a success."""

    status: int
    body: dict[str, Any]

    @property
    def error(self) -> tuple[str, str] | None:
        if "__type" not in self.body:
            return None
        return self.body["__type"].rpartition("#")[2], self.body.get("message", self.body.get("Message", ""))


class Raw:
    """DynamoDB's JSON protocol against a served region or (PANREGION_TEST_AWS=1) AWS."""

    def __init__(self, served: ServedRegion) -> None:
        session = boto3.Session()
        self._region = str(session.region_name) if AGAINST_AWS else REGION
        self._url = f"https://dynamodb.{self._region}.amazonaws.com/" if AGAINST_AWS else served.endpoint + "/"
        self._credentials: Any = session.get_credentials() if AGAINST_AWS else Credentials("test", "test")
        at_once: Any = (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._http = URLLib3Session(timeout=20, socket_options=[at_once])

    def __call__(self, operation: str, body: dict[str, Any] | bytes) -> Answer:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {
            "Content-Type": "application/x-amz-json-1.0",
            "X-Amz-Target": f"DynamoDB_20120810.{operation}",
        }
        request = AWSRequest("POST", self._url, headers=headers, data=data)
        SigV4Auth(self._credentials, "dynamodb", self._region).add_auth(request)
        response = self._http.send(request.prepare())
        return Answer(response.status_code, json.loads(response.content or b"{}"))
