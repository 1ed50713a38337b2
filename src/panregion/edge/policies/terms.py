"""What a record goes by under its routing policy, as facts for those who ask why it was (not) chosen."""

from typing import Any

from panregion.services.route53.model import RecordSet


def terms(record: RecordSet) -> dict[str, Any]:
    """The facts that tell the record from the others: its weight, region, role, area, blocks; {} where it is alone."""
    if record.weight is not None:
        return {"weight": record.weight}
    if record.region:
        return {"region": record.region}
    if record.failover:
        return {"role": record.failover}
    if record.geo is not None:
        area = record.geo
        return {"area": "/".join(part for part in (area.continent, area.country, area.subdivision) if part)}
    if record.proximity is not None:
        near = record.proximity
        return {"near": near.region or f"{near.latitude:g},{near.longitude:g}", "bias": near.bias}
    return {"location": record.cidr.location} if record.cidr is not None else {}
