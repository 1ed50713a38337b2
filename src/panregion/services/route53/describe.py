"""What Route 53 shows of what it keeps, under AWS's names."""

from typing import Any

from panregion.services.route53.model import (
    DelegationSet,
    HealthCheck,
    RecordSet,
    TrafficInstance,
    TrafficPolicy,
    Zone,
)

ENDPOINT = "https://route53.amazonaws.com/2013-04-01"


def zone(zone: Zone, record_count: int) -> dict[str, Any]:
    config: dict[str, Any] = {"PrivateZone": False}
    if zone.comment:
        config["Comment"] = zone.comment
    return {
        "Id": f"/hostedzone/{zone.id}",
        "Name": zone.name,
        "CallerReference": zone.caller_reference,
        "Config": config,
        "ResourceRecordSetCount": record_count,
    }


def delegation_set_of(zone: Zone) -> dict[str, Any]:
    """A zone's name servers."""
    shown: dict[str, Any] = {"NameServers": list(zone.name_servers)}
    if zone.delegation_set_id:
        shown["Id"] = f"/delegationset/{zone.delegation_set_id}"
    return shown


def delegation_set(found: DelegationSet) -> dict[str, Any]:
    return {
        "Id": f"/delegationset/{found.id}",
        "CallerReference": found.caller_reference,
        "NameServers": list(found.name_servers),
    }


def traffic_policy(policy: TrafficPolicy) -> dict[str, Any]:
    shown = {
        "Id": policy.id,
        "Version": policy.version,
        "Name": policy.name,
        "Type": policy.type,
        "Document": policy.document,
    }
    return {**shown, "Comment": policy.comment} if policy.comment else shown


def traffic_instance(instance: TrafficInstance, state: str = "") -> dict[str, Any]:
    return {
        "Id": instance.id,
        "HostedZoneId": instance.zone_id,
        "Name": instance.name,
        "TTL": instance.ttl,
        "State": state or instance.state,
        "Message": instance.message,
        "TrafficPolicyId": instance.policy_id,
        "TrafficPolicyVersion": instance.policy_version,
        "TrafficPolicyType": instance.type,
    }


def change(change_id: str, submitted_at: float, status: str, comment: str = "") -> dict[str, Any]:
    info: dict[str, Any] = {"Id": f"/change/{change_id}", "Status": status, "SubmittedAt": submitted_at}
    if comment:
        info["Comment"] = comment
    return info


def record(record: RecordSet) -> dict[str, Any]:
    shown: dict[str, Any] = {"Name": record.name, "Type": record.type}
    if record.set_identifier:
        shown["SetIdentifier"] = record.set_identifier
    shown |= _routing(record)
    if record.traffic_instance_id:
        return {**shown, "TTL": record.ttl, "TrafficPolicyInstanceId": record.traffic_instance_id}
    if record.alias is not None:
        shown["AliasTarget"] = {
            "HostedZoneId": record.alias.zone_id,
            "DNSName": record.alias.name,
            "EvaluateTargetHealth": record.alias.evaluate_target_health,
        }
    else:
        shown["TTL"] = record.ttl
        shown["ResourceRecords"] = [{"Value": value} for value in record.values]
    if record.health_check_id:
        shown["HealthCheckId"] = record.health_check_id
    return shown


def _routing(record: RecordSet) -> dict[str, Any]:
    match record.policy:
        case "weighted":
            return {"Weight": record.weight}
        case "latency":
            return {"Region": record.region}
        case "failover":
            return {"Failover": record.failover}
        case "multivalue":
            return {"MultiValueAnswer": True}
        case "geolocation" if record.geo is not None:
            geo = {
                "ContinentCode": record.geo.continent,
                "CountryCode": record.geo.country,
                "SubdivisionCode": record.geo.subdivision,
            }
            return {"GeoLocation": {name: code for name, code in geo.items() if code}}
        case "geoproximity" if record.proximity is not None:
            near = record.proximity
            where: dict[str, Any] = {"AWSRegion": near.region}
            if not near.region:
                where = {"Coordinates": {"Latitude": f"{near.latitude:g}", "Longitude": f"{near.longitude:g}"}}
            return {"GeoProximityLocation": where | {"Bias": near.bias}}
        case "cidr" if record.cidr is not None:
            return {
                "CidrRoutingConfig": {"CollectionId": record.cidr.collection_id, "LocationName": record.cidr.location}
            }
    return {}


def check(check: HealthCheck) -> dict[str, Any]:
    return {
        "Id": check.id,
        "CallerReference": check.caller_reference,
        "HealthCheckConfig": check.config,
        "HealthCheckVersion": check.version,
    }
