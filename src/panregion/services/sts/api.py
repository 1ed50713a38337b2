"""AWS STS: one function per operation, named as AWS names it.

Every caller is the account's root: panregion keeps roles and does not enforce them yet. The credentials given out
have AWS's form; requests signed with them are accepted as all others are.
"""

# ruff: noqa: ARG001 - session policies, tags and MFA codes are accepted and change nothing

import math
from base64 import b32encode, urlsafe_b64decode
from typing import Any

import msgspec

from panregion.services.here import Here
from panregion.services.service import reads
from panregion.services.sts.errors import ExpiredTokenException, InvalidIdentityTokenException, ValidationError

_SECRET_LENGTH = 40
_TOKEN_LENGTH = 356
_KEY_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_SECRET_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/+"


def _credentials(here: Here, duration_s: int) -> dict[str, Any]:
    chance = here.world.chance
    return {
        "AccessKeyId": "ASIA" + chance.token(16, _KEY_ALPHABET),
        "SecretAccessKey": chance.token(_SECRET_LENGTH, _SECRET_ALPHABET),
        "SessionToken": chance.token(_TOKEN_LENGTH, _SECRET_ALPHABET),
        "Expiration": here.now() + duration_s,
    }


def _assumed(here: Here, role_arn: str, session: str) -> dict[str, str]:
    parts = role_arn.split(":", 5)
    if len(parts) != 6 or parts[2] != "iam" or not parts[5].startswith("role/"):
        raise ValidationError(f"{role_arn} is invalid")
    name = parts[5].rsplit("/", 1)[-1]
    # AWS's role id is the role's own; here it is made of the name, so that the same role has the same id.
    role_id = "AROA" + b32encode(f"{name:<11}".encode()[:11]).decode().rstrip("=")[:17]
    return {
        "AssumedRoleId": f"{role_id}:{session}",
        "Arn": f"arn:aws:sts::{parts[4]}:assumed-role/{name}/{session}",
    }


@reads
def assume_role(
    here: Here,
    role_arn: str,
    role_session_name: str,
    policy_arns: list[dict[str, str]] | None = None,
    policy: str | None = None,
    duration_seconds: int = 3600,
    tags: list[dict[str, str]] | None = None,
    transitive_tag_keys: list[str] | None = None,
    external_id: str | None = None,
    serial_number: str | None = None,
    token_code: str | None = None,
    source_identity: str | None = None,
) -> dict[str, Any]:
    answer = {
        "Credentials": _credentials(here, duration_seconds),
        "AssumedRoleUser": _assumed(here, role_arn, role_session_name),
        "PackedPolicySize": 0,
    }
    return answer if source_identity is None else {**answer, "SourceIdentity": source_identity}


@reads
def assume_role_with_web_identity(
    here: Here,
    role_arn: str,
    role_session_name: str,
    web_identity_token: str,
    provider_id: str | None = None,
    policy_arns: list[dict[str, str]] | None = None,
    policy: str | None = None,
    duration_seconds: int = 3600,
) -> dict[str, Any]:
    """The token must be a JWT that has not expired; its signature is not checked."""
    claims = _claims(web_identity_token)
    if claims.get("exp", math.inf) < here.now():
        raise ExpiredTokenException("Token expired")
    return {
        "Credentials": _credentials(here, duration_seconds),
        "SubjectFromWebIdentityToken": str(claims.get("sub", "")),
        "AssumedRoleUser": _assumed(here, role_arn, role_session_name),
        "PackedPolicySize": 0,
        "Provider": str(claims.get("iss", provider_id or "")),
        "Audience": str(claims.get("aud", "")),
    }


def _claims(token: str) -> dict[str, Any]:
    try:
        payload = token.split(".")[1]
        claims = msgspec.json.decode(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError, msgspec.DecodeError) as error:
        raise InvalidIdentityTokenException("The ID Token provided is not a valid JWT.") from error
    if not isinstance(claims, dict):
        raise InvalidIdentityTokenException("The ID Token provided is not a valid JWT.")
    return claims


@reads
def get_access_key_info(here: Here, access_key_id: str) -> dict[str, str]:
    return {"Account": here.account_id}


@reads
def get_caller_identity(here: Here) -> dict[str, str]:
    account = here.account_id
    return {"UserId": account, "Account": account, "Arn": f"arn:aws:iam::{account}:root"}


@reads
def get_session_token(
    here: Here, duration_seconds: int = 43200, serial_number: str | None = None, token_code: str | None = None
) -> dict[str, Any]:
    return {"Credentials": _credentials(here, duration_seconds)}
