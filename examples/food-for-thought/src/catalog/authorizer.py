"""Are you an administrator? The bearer token is compared with the one that the stack keeps in Parameter Store."""

import hmac
import os
import time

import boto3

BELIEVED_S = 60

ssm = boto3.client("ssm")
known = {"until": float("-inf"), "token": ""}


def handler(event, _context):
    kind, _, token = event["headers"].get("authorization", "").partition(" ")
    allowed = kind.lower() == "bearer" and hmac.compare_digest(token.encode(), expected().encode())
    return {"isAuthorized": allowed}


def expected():
    """Read once a minute: an execution environment may live for hours, and a token that was replaced must not."""
    now = time.monotonic()
    if now >= known["until"]:
        token = ssm.get_parameter(Name=os.environ["TOKEN_PARAMETER"])["Parameter"]["Value"]
        known.update(token=token, until=now + BELIEVED_S)
    return known["token"]
