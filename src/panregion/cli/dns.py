"""Asking the name server as somebody in a city: the question carries the city's subnet (RFC 7871)."""

from typing import Any

from panregion.cli.output import Failure, UsageFailure
from panregion.cli.world import one_of, places
from panregion.world import WorldSettings

TIMEOUT_S = 3.0


def ask(settings: WorldSettings, city: str, name: str, record_type: str) -> dict[str, Any]:
    """The answer as a value: status, answers (name, ttl_s, type, value). Raises Failure, UsageFailure."""
    import dns.edns
    import dns.exception
    import dns.message
    import dns.query
    import dns.rcode
    import dns.rdatatype

    known = places(settings)
    subnet = f"198.18.{known.index(one_of('city', city, known))}.0"
    try:
        question = dns.message.make_query(name, record_type, use_edns=0, options=[dns.edns.ECSOption(subnet, 24)])
    except dns.exception.DNSException as error:
        raise UsageFailure(f"{name} {record_type} cannot be asked: {error}") from error
    try:
        answer, _ = dns.query.udp_with_fallback(question, "127.0.0.1", port=settings.ports.dns, timeout=TIMEOUT_S)
    except (dns.exception.DNSException, OSError) as error:
        raise Failure(f"the name server at 127.0.0.1:{settings.ports.dns} did not answer: {error}") from error
    return {
        "name": name,
        "type": record_type,
        "from": city,
        "subnet": f"{subnet}/24",
        "status": dns.rcode.to_text(answer.rcode()),
        "answers": [
            {
                "name": str(rrset.name),
                "ttl_s": rrset.ttl,
                "type": dns.rdatatype.to_text(rrset.rdtype),
                "value": record.to_text(),
                "region": settings.region_at(record.to_text()),
            }
            for rrset in answer.answer
            for record in rrset
        ],
    }


def describe(answer: dict[str, Any]) -> str:
    """The answer as dig would write it, with the region that an address is."""
    lines = [f";; {answer['name']} {answer['type']} from {answer['from']} ({answer['subnet']}): {answer['status']}"]
    for record in answer["answers"]:
        region = f"  ; {record['region']}" if record["region"] else ""
        lines.append(f"{record['name']}\t{record['ttl_s']}\tIN\t{record['type']}\t{record['value']}{region}")
    return "\n".join(lines)
