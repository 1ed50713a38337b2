"""What a parameter is: versions of a value under a name. Pure."""

import re
from typing import Any

from msgspec import Struct

from panregion.services.ssm.errors import (
    HierarchyLevelLimitExceededException,
    ValidationException,
)

VERSIONS_MAX = 100
LABELS_MAX = 10
LEVELS_MAX = 15
VALUE_BYTES_MAX = {"Standard": 4096, "Advanced": 8192, "Intelligent-Tiering": 8192}
_NAME = re.compile(r"[A-Za-z0-9_.\-/]+")


class Version(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One value. `SecureString` values are kept as they are: panregion encrypts nothing."""

    name: str
    version: int
    type: str
    value: str
    modified: float
    labels: list[str] = []
    description: str | None = None
    key_id: str | None = None
    allowed_pattern: str | None = None
    tier: str = "Standard"
    policies: str | None = None
    data_type: str = "text"


def check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise ValidationException(
            "Parameter name must be a fully qualified name. Only letters, digits and the symbols . - _ / are allowed: "
            f"{name}"
        )
    if "/" in name and not name.startswith("/"):
        raise ValidationException("Parameter name must be a fully qualified name.")
    if re.match(r"/?(aws|ssm)", name, re.IGNORECASE):
        raise ValidationException('Parameter name: can\'t be prefixed with "aws" or "ssm" (case-insensitive).')
    if name.count("/") > LEVELS_MAX:
        raise HierarchyLevelLimitExceededException(
            f"Parameter name {name} has more than {LEVELS_MAX} levels in its hierarchy."
        )


def selected(asked: str) -> tuple[list[str], str | None]:
    """(possible names, version or label): `name:3` and `name:label` select.

    An ARN names what follows its `parameter`; that of `/one` and that of `one` are the same.
    """
    by_arn = asked.startswith("arn:")
    if by_arn:
        asked = asked.split(":", 5)[5].removeprefix("parameter")
    name, _, selector = asked.partition(":")
    return ([name, name.removeprefix("/")] if by_arn else [name]), selector or None


def described(found: Version, arn: str) -> dict[str, Any]:
    """As DescribeParameters shows it: without the value."""
    return present(
        {
            "Name": found.name,
            "ARN": arn,
            "Type": found.type,
            "KeyId": found.key_id,
            "LastModifiedDate": found.modified,
            "Description": found.description,
            "AllowedPattern": found.allowed_pattern,
            "Version": found.version,
            "Tier": found.tier,
            "Policies": [],
            "DataType": found.data_type,
        }
    )


def present(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}
