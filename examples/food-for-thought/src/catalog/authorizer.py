"""Are you an administrator? The bearer token is compared with the one that the stack keeps in Parameter Store."""

import hmac
import os

import boto3

ssm = boto3.client("ssm")
known = {}


def handler(event, _context):
    kind, _, token = event["headers"].get("authorization", "").partition(" ")
    allowed = kind.lower() == "bearer" and hmac.compare_digest(token.encode(), expected().encode())
    return {"isAuthorized": allowed}


def expected():
    """Read once in the life of an execution environment."""
    if "token" not in known:
        known["token"] = ssm.get_parameter(Name=os.environ["TOKEN_PARAMETER"])["Parameter"]["Value"]
    return known["token"]
