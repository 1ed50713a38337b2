"""What IAM keeps: entities (roles, users, groups) with their policies, managed policies, instance profiles."""

from typing import Any, ClassVar
from urllib.parse import quote

import msgspec
from msgspec import Struct

from panregion.services.iam.errors import MalformedPolicyDocumentException

VERSIONS_MAX = 5


class Entity(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A role, a user or a group: what may have policies."""

    kind: str  # role, user, group
    name: str
    id: str
    path: str
    created: float
    trust: str = ""  # a role's AssumeRolePolicyDocument, as it was given
    description: str | None = None
    max_session_s: int = 3600
    boundary: str | None = None
    inline: dict[str, str] = {}
    attached: list[str] = []
    tags: dict[str, str] = {}
    groups: list[str] = []  # a user's

    prefixes: ClassVar[dict[str, str]] = {"role": "AROA", "user": "AIDA", "group": "AGPA"}


class PolicyVersion(Struct, frozen=True, kw_only=True):
    id: str
    document: str
    created: float


class Policy(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A managed policy of the account's own."""

    arn: str
    name: str
    id: str
    path: str
    created: float
    updated: float
    versions: list[PolicyVersion]
    default: str = "v1"
    serial: int = 1
    description: str | None = None
    tags: dict[str, str] = {}


class Profile(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An instance profile."""

    name: str
    id: str
    path: str
    created: float
    role: str | None = None
    tags: dict[str, str] = {}


class AccessKey(Struct, frozen=True, kw_only=True):
    id: str
    secret: str
    user: str
    created: float
    status: str = "Active"


def check_document(document: str) -> None:
    """A policy document is a JSON object with statements; more is not asked, as nothing is enforced."""
    try:
        value = msgspec.json.decode(document)
    except msgspec.DecodeError as error:
        raise MalformedPolicyDocumentException("This policy contains invalid Json") from error
    if not isinstance(value, dict) or "Statement" not in value:
        raise MalformedPolicyDocumentException("Syntax errors in policy.")


def encoded(document: str) -> str:
    """Documents leave IAM percent-encoded; clients decode them."""
    return quote(document, safe="")


def tag_list(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def tag_map(tags: list[dict[str, str]] | None) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags or []}


def present(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}
