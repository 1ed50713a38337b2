# ruff: noqa: PT028 - test_dns_answer has AWS's name and is no test
"""What only the edge knows, asked over the link: what a name server answers, what checkers saw."""

from typing import Any

import msgspec

from panregion.services.here import Here
from panregion.services.route53 import layout
from panregion.services.route53.errors import InvalidInput, ServiceUnavailable
from panregion.services.route53.model import within
from panregion.wire import dns
from panregion.world import ClientError

EDGE = "edge"
EDGE_TIMEOUT_S = 5.0


async def ask_edge(here: Here, target: str) -> dict[str, Any]:
    """What the edge's API answers. Raises ServiceUnavailable."""
    url = f"http://127.0.0.1:{here.settings.ports.edge}{target}"
    try:
        response = await here.dispatch.client(EDGE).send("GET", url, timeout_s=EDGE_TIMEOUT_S)
    except ClientError as error:
        raise ServiceUnavailable(f"the edge does not answer: {error}") from error
    assert isinstance(response.body, bytes)
    answer: dict[str, Any] = msgspec.json.decode(response.body)
    if response.status != 200:
        raise ServiceUnavailable(f"the edge answered {response.status}: {answer.get('message')}")
    return answer


async def test_dns_answer(
    here: Here,
    hosted_zone_id: str,
    record_name: str,
    record_type: str,
    resolver_ip: str = "",
    edns0_client_subnet_ip: str = "",
    edns0_client_subnet_mask: str = "",
) -> dict[str, Any]:
    """Ask the edge what its name server would answer to that resolver."""
    zone = here.read(lambda h: layout.zone(h, hosted_zone_id))
    try:
        name = dns.normal(record_name)
    except ValueError as error:
        raise InvalidInput(f"{record_name} is not a valid domain name") from error
    if not within(name, zone.name):
        raise InvalidInput(f"{record_name} is not in the hosted zone {zone.name}")
    address = edns0_client_subnet_ip or resolver_ip
    mask = f"/{edns0_client_subnet_mask or '24'}" if edns0_client_subnet_ip else ""
    query = f"name={name}&type={record_type}" + (f"&client={address}{mask}" if address else "")
    answer = await ask_edge(here, f"/_panregion/answer?{query}")
    return {
        "Nameserver": zone.name_servers[0],
        "RecordName": name,
        "RecordType": record_type,
        "RecordData": answer["values"],
        "ResponseCode": answer["rcode"],
        "Protocol": "UDP",
    }
