"""Requests of an HTTP API (payload format 2.0) to functions, and what these return to responses.

A function hands its event to `serve` with its routes: a key, as API Gateway names it ("GET /orders/{order_id}"),
and what answers it: route(event) -> (status, body) or (status, body, headers).
"""

import base64
import json
import time
from decimal import Decimal

from common import log, metrics, places


class Refused(Exception):
    """What the client is told instead: a status, a code for programs, a sentence for people, and what helps."""

    def __init__(self, status: int, code: str, message: str, **more) -> None:
        super().__init__(code)
        self.status = status
        self.body = {"error": code, "message": message, **more}


def serve(routes: dict, event: dict) -> dict:
    """The response of the route that the event is for; whatever goes wrong in it is answered, and logged."""
    began = time.monotonic()
    with log.correlated(event.get("headers", {}).get("x-correlation-id")):
        status, body, headers = _outcome(routes[event["routeKey"]], event)
        took_ms = round((time.monotonic() - began) * 1000, 1)
        log.info("answered", route=event["routeKey"], status=status, error=body.get("error"), took_ms=took_ms)
        metrics.put("Latency", took_ms, "Milliseconds", Route=event["routeKey"])
        return response(status, body, headers)


def _outcome(route, event: dict) -> tuple[int, dict, dict]:
    try:
        status, body, *headers = route(event)
        return status, body, headers[0] if headers else {}
    except Refused as refused:
        return refused.status, refused.body, {}
    except Exception:  # noqa: BLE001 - whatever it was, the customer is answered
        log.failure("not answered", route=event["routeKey"])
        return 500, {"error": "InternalError", "message": "Something went wrong here. Please try again."}, {}


def response(status: int, body: dict, headers: dict | None = None) -> dict:
    about = {
        "content-type": "application/json",
        "cache-control": "no-store",
        "x-food-region": places.HERE,
        "x-correlation-id": log.correlation_id(),
    }
    return {"statusCode": status, "headers": {**about, **(headers or {})}, "body": json.dumps(body, default=plain)}


def body_of(event: dict) -> dict:
    """The JSON object that was sent. Raises Refused."""
    text = event.get("body") or ""
    try:
        body = json.loads(base64.b64decode(text) if event.get("isBase64Encoded") else text)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise Refused(400, "BadRequest", "Send a JSON object.")
    return body


def plain(value):
    """DynamoDB's numbers as JSON's."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(type(value).__name__)
