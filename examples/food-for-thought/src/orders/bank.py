"""The payment provider, as we use it: somebody else's service, which may be slow, away, or answer twice."""

import http.client
import json
import os
import urllib.error
import urllib.parse
import urllib.request

from common import log

URL = os.environ["PAYMENTS_URL"]
TIMEOUT_S = float(os.environ.get("PAYMENTS_TIMEOUT_S", "8"))
HEALTH_TIMEOUT_S = 2


class Declined(Exception):
    """The card will not pay for this; trying again will not help."""


class Unknown(Exception):
    """Nobody can say whether money was taken: look the charge up before trying again."""


def charge(reference: str, amount_cents: int, currency: str, card: str) -> dict:
    """The one charge of a reference, however often it is asked for. Raises Declined, Unknown."""
    body = {"reference": reference, "amount_cents": amount_cents, "currency": currency, "card": card}
    status, answer = _ask("POST", "/charges", body, {"idempotency-key": reference})
    if status == 402:
        raise Declined
    return _charge_of(reference, status, answer)


def charge_by(reference: str) -> dict | None:
    """The charge that was made under a reference, if one was. Raises Unknown."""
    status, answer = _ask("GET", f"/charges?reference={urllib.parse.quote(reference)}")
    if status != 200:
        raise Unknown(f"status {status}")
    return _charge_of(reference, status, answer["charges"][0]) if answer["charges"] else None


def is_well() -> bool:
    try:
        return _ask("GET", "/health", timeout_s=HEALTH_TIMEOUT_S)[0] == 200
    except Unknown:
        return False


def _charge_of(reference: str, status: int, charge: dict) -> dict:
    """An answer is believed if it is to our question: what comes late, or twice, may be to another."""
    if status not in (200, 201) or charge.get("reference") != reference or charge.get("status") != "succeeded":
        raise Unknown(f"status {status}")
    return charge


def _ask(method: str, path: str, body=None, headers=None, timeout_s: float = TIMEOUT_S) -> tuple[int, dict]:
    about = {"content-type": "application/json", "x-correlation-id": log.correlation_id(), **(headers or {})}
    data = None if body is None else json.dumps(body, default=int).encode()
    request = urllib.request.Request(URL + path, data, about, method=method)
    try:
        with urllib.request.urlopen(request, timeout=timeout_s) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, {}
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise Unknown(type(error).__name__) from error
