"""Tables named by ARN: they are this region's and this account's, or are not found here."""

import re

from panregion.services.dynamodb.checks import table_name
from panregion.services.dynamodb.errors import AccessDeniedException, ResourceNotFoundException, ValidationException
from panregion.services.here import Here
from panregion.wire import AwsError

_ARN = re.compile(r"arn:aws:dynamodb:([a-z0-9-]*):([0-9]*):table/([a-zA-Z0-9_.-]+)")


def local_name(here: Here, given: str, least: int = 1, place: str = "tableName") -> str:
    """A table's name, given by name or by ARN.

    Raises ValidationException, AccessDeniedException for another account's, ResourceNotFoundException for another
    region's.
    """
    if not given.startswith("arn:"):
        return table_name(given, least, place)
    match = _ARN.fullmatch(given)
    if match is None:
        raise ValidationException(f"Invalid TableArn: Invalid ResourceArn provided as input {given}")
    region, account, name = match.groups()
    if account != here.account_id:
        raise not_authorized(here, given)
    if region != here.region:
        raise ResourceNotFoundException(f"Requested resource not found: Table: {name} not found")
    return table_name(name, least, place)


def not_authorized(here: Here, arn: str) -> AwsError:
    return AccessDeniedException(
        f"User: arn:aws:iam::{here.account_id}:root is not authorized to perform: dynamodb:* on resource: {arn}"
    )
