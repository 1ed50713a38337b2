"""A queue's URL, and what a URL says. Pure.

A URL has the region's own address, which every process of the machine reaches without asking a name server; what comes
in may also have AWS's names, or a front door's. Only the path says which queue it is.
"""

import re
from typing import NamedTuple
from urllib.parse import urlsplit

from panregion.services.here import Here
from panregion.services.sqs.errors import InvalidAddress, no_queue

_PATH = re.compile(r"/(?:queue/)?(?:[a-z]{2}(?:-[a-z]+)+-\d/)?(?P<account>\d{12})/(?P<name>[^/]+)/?")
_REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d")


class Address(NamedTuple):
    account: str
    name: str
    host: str
    region: str | None


def _parsed(url: str) -> Address | None:
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    found = _PATH.fullmatch(parts.path) if parts.scheme in ("http", "https") else None
    if found is None:
        return None
    host = (parts.hostname or "").lower()
    labels = [label for label in host.split(".") if _REGION.fullmatch(label)]
    return Address(found["account"], found["name"], host, labels[0] if labels else None)


def queue_url(here: Here, name: str) -> str:
    return f"{here.settings.endpoint(here.region)}/{here.account_id}/{name}"


def name_of_url(here: Here, url: str) -> str:
    """The queue's name. Raises InvalidAddress for what is no queue's URL here, QueueDoesNotExist."""
    address = _parsed(url)
    if address is None:
        raise InvalidAddress(f"The address {url} is not valid for this endpoint.")
    region = address.region or here.settings.region_at(address.host)
    if region is not None and region != here.region:
        raise InvalidAddress(f"The address {url} is not valid for this endpoint.")
    if address.account != here.account_id:
        raise no_queue()
    return address.name


def queue_arn(here: Here, name: str) -> str:
    return here.arn("sqs", name)
