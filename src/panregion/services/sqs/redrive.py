"""Where messages go that were received too often, and which queues may send theirs where. Pure."""

import re
from typing import Any

import msgspec

from panregion.services.sqs.errors import InvalidAttributeValue, InvalidParameterValue, invalid
from panregion.services.sqs.model import Queue, Redrive

RECEIVES_MAX = 1000
SOURCES_MAX = 10
_ARN = re.compile(
    r"arn:aws[a-z-]*:sqs:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):(?P<name>[A-Za-z0-9_-]{1,80}(\.fifo)?)"
)


def parse_redrive(text: str) -> Redrive:
    """A redrive policy from its JSON. Raises InvalidParameterValue."""
    policy = _document("RedrivePolicy", text)
    if set(policy) - {"deadLetterTargetArn", "maxReceiveCount"}:
        raise _invalid(text, "Only following attributes are supported: [deadLetterTargetArn, maxReceiveCount].")
    target, most = policy.get("deadLetterTargetArn"), policy.get("maxReceiveCount")
    if target is None:
        raise _invalid(text, "Redrive policy does not contain mandatory attribute: deadLetterTargetArn.")
    if most is None:
        raise _invalid(text, "Redrive policy does not contain mandatory attribute: maxReceiveCount.")
    if not isinstance(target, str) or not _ARN.fullmatch(target):
        raise _invalid(text, "Invalid value for deadLetterTargetArn.")
    number = int(most) if isinstance(most, (int, str)) and str(most).isascii() and str(most).isdigit() else 0
    if not 1 <= number <= RECEIVES_MAX:
        raise _invalid(
            text,
            f"Invalid value for maxReceiveCount: {most}, valid values are from 1 to {RECEIVES_MAX} both inclusive.",
        )
    return Redrive(target, number)


def _document(parameter: str, text: str) -> dict[str, Any]:
    try:
        policy = msgspec.json.decode(text)
    except msgspec.DecodeError:
        policy = None
    if not isinstance(policy, dict):
        raise invalid(parameter, text, "Redrive policy is not a valid JSON map.")
    return policy


def _invalid(text: str, reason: str) -> InvalidParameterValue:
    return invalid("RedrivePolicy", text, reason)


def parse_allow_policy(text: str) -> tuple[str, list[str]]:
    """The permission and the source queues of a redrive allow policy. Raises InvalidAttributeValue."""
    try:
        policy = msgspec.json.decode(text)
    except msgspec.DecodeError:
        policy = None
    permission = policy.get("redrivePermission") if isinstance(policy, dict) else None
    sources = policy.get("sourceQueueArns") if isinstance(policy, dict) else None
    fine = (
        isinstance(policy, dict)
        and not set(policy) - {"redrivePermission", "sourceQueueArns"}
        and permission in ("allowAll", "denyAll", "byQueue")
        and (sources is None) == (permission != "byQueue")
        and (sources is None or (isinstance(sources, list) and 1 <= len(sources) <= SOURCES_MAX))
    )
    if not fine:
        raise InvalidAttributeValue("Invalid value for the parameter RedriveAllowPolicy.")
    assert permission is not None
    return permission, list(sources or [])


def name_of_arn(arn: str, region: str, account_id: str) -> str | None:
    """The name of a queue of this region and account, None for any other ARN."""
    found = _ARN.fullmatch(arn)
    if found is None or found["region"] != region or found["account"] != account_id:
        return None
    return found["name"]


def check_target(source: Queue, source_arn: str, target: Queue | None, text: str) -> None:
    """Whether that queue may be the source's dead-letter queue. Raises InvalidParameterValue."""
    if target is None:
        raise _invalid(text, "Dead letter target does not exist.")
    if target.fifo != source.fifo:
        raise _invalid(text, "Dead-letter queue must be same type of queue as the source.")
    allow = target.attributes.get("RedriveAllowPolicy")
    permission, sources = parse_allow_policy(allow) if allow else ("allowAll", [])
    if permission == "denyAll" or (permission == "byQueue" and source_arn not in sources):
        raise _invalid(text, "Redrive permission is denied by the dead-letter queue's redrive allow policy.")
