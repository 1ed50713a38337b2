"""Accelerators: operations."""

import re
from typing import Any

import msgspec

from panregion.services import Here, reads
from panregion.services.globalaccelerator import layout
from panregion.services.globalaccelerator.api.pages import page
from panregion.services.globalaccelerator.api.tags import merged
from panregion.services.globalaccelerator.errors import (
    AcceleratorNotDisabledException,
    AcceleratorNotFoundException,
    AssociatedListenerFoundException,
    InvalidArgumentException,
    LimitExceededException,
    unsupported,
)
from panregion.services.globalaccelerator.internal import deployed
from panregion.services.globalaccelerator.model import ACCELERATORS_MAX, Accelerator, show_accelerator

Json = dict[str, Any]
NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,62}[A-Za-z0-9])?")
NO_LOGS = {"FlowLogsEnabled": False}


def _check(name: str | None, ip_address_type: str | None, ip_addresses: list[str] | None) -> None:
    if name is not None and NAME.fullmatch(name) is None:
        raise InvalidArgumentException(
            "The name of an accelerator has at most 64 letters, digits, periods and hyphens, and neither begins nor"
            " ends with a period or hyphen"
        )
    if ip_address_type not in (None, "IPV4"):
        raise unsupported(f"IpAddressType {ip_address_type}: only IPV4")
    if ip_addresses:
        raise unsupported("IpAddresses of your own")


def create_accelerator(
    here: Here,
    name: str,
    idempotency_token: str,
    ip_address_type: str = "IPV4",
    ip_addresses: list[str] | None = None,
    enabled: bool = True,
    tags: list[Json] | None = None,
) -> Json:
    _check(name, ip_address_type, ip_addresses)
    known = layout.created(here, "accelerator", idempotency_token)
    if known is not None:
        try:
            return {"Accelerator": _shown(here, layout.accelerator(here, known))}
        except AcceleratorNotFoundException:
            known = None  # deleted since
    numbers = {each.number for each in layout.accelerators(here)}
    if len(numbers) >= ACCELERATORS_MAX:
        raise LimitExceededException(f"An account can have at most {ACCELERATORS_MAX} accelerators")
    chance = here.world.chance
    new = Accelerator(
        arn=f"arn:aws:globalaccelerator::{here.account_id}:accelerator/{chance.uuid()}",
        number=next(number for number in range(1, ACCELERATORS_MAX + 1) if number not in numbers),
        name=name,
        enabled=enabled,
        dns_name=f"a{chance.token(16, '0123456789abcdef')}.awsglobalaccelerator.com",
        created_at=here.now(),
        modified_at=here.now(),
    )
    layout.put_accelerator(here, new)
    layout.put_created(here, "accelerator", idempotency_token, new.arn)
    layout.put_tags(here, new.arn, merged({}, tags))
    return {"Accelerator": {**_shown(here, new), "Status": "IN_PROGRESS"}}


def _shown(here: Here, accelerator: Accelerator) -> Json:
    return show_accelerator(accelerator, deployed(here, accelerator.arn))


@reads
def describe_accelerator(here: Here, accelerator_arn: str) -> Json:
    return {"Accelerator": _shown(here, layout.accelerator(here, accelerator_arn))}


@reads
def list_accelerators(here: Here, max_results: int | None = None, next_token: str | None = None) -> Json:
    shown, following = page(list(layout.accelerators(here)), next_token, max_results)
    return {"Accelerators": [_shown(here, each) for each in shown], **following}


def update_accelerator(
    here: Here,
    accelerator_arn: str,
    name: str | None = None,
    ip_address_type: str | None = None,
    ip_addresses: list[str] | None = None,
    enabled: bool | None = None,
) -> Json:
    _check(name, ip_address_type, ip_addresses)
    old = layout.accelerator(here, accelerator_arn)
    new = msgspec.structs.replace(
        old,
        name=old.name if name is None else name,
        enabled=old.enabled if enabled is None else enabled,
        modified_at=here.now(),
    )
    layout.put_accelerator(here, new)
    return {"Accelerator": _shown(here, new)}


def delete_accelerator(here: Here, accelerator_arn: str) -> Json:
    found = layout.accelerator(here, accelerator_arn)
    if found.enabled:
        raise AcceleratorNotDisabledException("The accelerator must be disabled before it can be deleted")
    if next(layout.listeners(here, accelerator_arn), None) is not None:
        raise AssociatedListenerFoundException("The accelerator has listeners, which must be deleted first")
    layout.delete_accelerator(here, found)
    return {}


@reads
def describe_accelerator_attributes(here: Here, accelerator_arn: str) -> Json:
    return {"AcceleratorAttributes": {**NO_LOGS, **layout.accelerator(here, accelerator_arn).attributes}}


def update_accelerator_attributes(
    here: Here,
    accelerator_arn: str,
    flow_logs_enabled: bool | None = None,
    flow_logs_s3_bucket: str | None = None,
    flow_logs_s3_prefix: str | None = None,
) -> Json:
    """Bucket and prefix are kept; that logs be written is refused, because nobody would write them."""
    if flow_logs_enabled:
        raise unsupported("flow logs")
    old = layout.accelerator(here, accelerator_arn)
    given = {"FlowLogsS3Bucket": flow_logs_s3_bucket, "FlowLogsS3Prefix": flow_logs_s3_prefix}
    new = {**old.attributes, **{name: value for name, value in given.items() if value is not None}}
    layout.put_accelerator(here, msgspec.structs.replace(old, attributes=new))
    return {"AcceleratorAttributes": {**NO_LOGS, **new}}
