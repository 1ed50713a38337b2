"""Requests of services to the web, wherever a URL leads: SNS to web servers, API destinations, integrations of APIs.

A name goes the way of a function's own requests, through the proxy that is the region's way out (edge/edge.py): it is
resolved as the region resolves it, and the link to where it leads is crossed. Names of AWS's APIs lead to regions of
this world over the link at once; addresses are dialled as they are.
"""

import ipaddress
from urllib.parse import urlsplit

from panregion.services.here import Here
from panregion.world import ClientError, ClientTimeout, Headers, Response

WEB = "web"
"""The site that stands for everything the region's way out leads to."""

PLACE_HEADER = "x-panregion-place"
"""On the answers of a way out that had nobody else's to give."""

REASON_MAX = 500


async def ask(here: Here, method: str, url: str, headers: Headers, body: bytes = b"", *, timeout_s: float) -> Response:
    """One request and its whole response. Raises ClientError, ClientTimeout."""
    site, target, host = route(here, url)
    response = await here.dispatch.client(site).send(method, target, [*host, *headers], body, timeout_s=timeout_s)
    if site == WEB and response.status in (400, 502, 504) and _is_of_the_way(response):
        text = response.body if isinstance(response.body, bytes) else b""
        reason = text[:REASON_MAX].decode("utf-8", "replace").strip()
        raise (ClientTimeout if response.status == 504 else ClientError)(reason)
    return response


def route(here: Here, url: str) -> tuple[str, str, Headers]:
    """Over which link, to which address and under which name a URL is reached. Raises ClientError for what is none."""
    try:
        parts = urlsplit(url)
        host, _ = (parts.hostname or "").lower(), parts.port
    except ValueError as error:
        raise ClientError(f"{url[:REASON_MAX]} is not a URL: {error}") from error
    if parts.scheme not in ("http", "https") or not host:
        raise ClientError(f"{url[:REASON_MAX]} is not the URL of a web server")
    region = _region_of_api(here, host)
    if region is not None:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return region, here.settings.endpoint(region) + target, [("Host", host)]
    if _is_address(host):
        return here.settings.region_at(host) or here.region, url, []
    return WEB, url, []


def _region_of_api(here: Here, host: str) -> str | None:
    labels = host.split(".")
    if not host.endswith((".amazonaws.com", ".on.aws")) or "elb" in labels:
        return None  # a load balancer has an address of its own
    return next((label for label in labels if label in here.settings.regions), None)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost"
    return True


def _is_of_the_way(response: Response) -> bool:
    return any(name.lower() == PLACE_HEADER for name, _ in response.headers)
