"""What forbids a record set beside the others of its name. Pure."""

from collections.abc import Iterator

from panregion.services.route53.model import RecordSet, Zone


def named(record: RecordSet) -> str:
    """A record set as the messages name it."""
    identifier = f", set-identifier='{record.set_identifier}'" if record.set_identifier else ""
    return f"[name='{record.name}', type='{record.type}'{identifier}]"


def conflicts(zone: Zone, record: RecordSet, others: list[RecordSet]) -> Iterator[str]:
    """What forbids a record beside the others of its name."""
    if record.type == "CNAME" and record.name == zone.name:
        yield f"RRSet of type CNAME with DNS name {record.name} is not permitted at apex in zone {zone.name}"
    clash = next(
        (other for other in others if "CNAME" in (record.type, other.type) and other.type != record.type), None
    )
    if clash is not None:
        yield (
            f"RRSet of type {record.type} with DNS name {record.name} is not permitted because a conflicting RRSet of "
            f"type {clash.type} with the same DNS name already exists in zone {zone.name}"
        )
    same = [other for other in others if other.type == record.type]
    identifier = record.set_identifier or "null"
    named = f"RRSet with DNS name {record.name}, type {record.type}, SetIdentifier {identifier}"
    if any(other.policy != record.policy for other in same):
        if record.policy == "simple" or any(other.policy == "simple" for other in same):
            yield f"{named} cannot be created as other RRSets exist with the same name and type."
        else:
            yield f"{named} cannot be created because a non {record.policy} rrset exists with the same name and type."
        return
    yield from _group_conflicts(record, same, named)


def _group_conflicts(record: RecordSet, same: list[RecordSet], named: str) -> Iterator[str]:
    """What one group of routed records may hold only once."""
    unique = {
        "latency": lambda r: r.region,
        "failover": lambda r: r.failover,
        "geolocation": lambda r: r.geo,
        "cidr": lambda r: r.cidr,
    }.get(record.policy)
    if unique is not None and any(unique(other) == unique(record) for other in same):
        what = {"latency": "region", "failover": "failover value", "geolocation": "geolocation", "cidr": "location"}
        yield f"{named} cannot be created because an rrset with the same {what[record.policy]} already exists."
    most = {"weighted": 100, "geoproximity": 30}.get(record.policy)
    if most is not None and len(same) >= most:
        yield f"{named} cannot be created because there are {most} rrsets with the same name and type."
