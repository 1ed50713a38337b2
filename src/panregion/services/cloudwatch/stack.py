"""AWS::CloudWatch::Alarm. Ref gives the name."""

from typing import Any

from panregion.services.cloudwatch.errors import ResourceNotFound
from panregion.services.here import Here
from panregion.services.stack import Context, Properties, ResourceType

SERVICE = "cloudwatch"
TEXTS = (
    *("AlarmDescription", "ComparisonOperator", "EvaluateLowSampleCountPercentile", "ExtendedStatistic"),
    *("MetricName", "Namespace", "Statistic", "ThresholdMetricId", "TreatMissingData", "Unit"),
)
LISTS = ("AlarmActions", "InsufficientDataActions", "OKActions", "Dimensions", "Metrics")
NUMBERS = ("DatapointsToAlarm", "EvaluationPeriods", "Period")


def _request(name: str, properties: Properties) -> dict[str, Any]:
    request: dict[str, Any] = {"AlarmName": name}
    request |= {field: properties[field] for field in (*TEXTS, *LISTS) if field in properties}
    request |= {field: int(properties[field]) for field in NUMBERS if field in properties}
    if "Threshold" in properties:
        request["Threshold"] = float(properties["Threshold"])
    if "ActionsEnabled" in properties:
        request["ActionsEnabled"] = str(properties["ActionsEnabled"]).lower() == "true"
    return request


async def create(here: Here, properties: Properties, context: Context) -> str:
    name = str(properties.get("AlarmName") or context.name(255))
    tags = {**context.tags, **{tag["Key"]: str(tag["Value"]) for tag in properties.get("Tags") or []}}
    listed = [{"Key": key, "Value": value} for key, value in tags.items()]
    await here.request(SERVICE, "PutMetricAlarm", {**_request(name, properties), **({"Tags": listed} if tags else {})})
    return name


async def update(here: Here, physical_id: str, old: Properties, new: Properties, _context: Context) -> str | None:
    await here.request(SERVICE, "PutMetricAlarm", _request(physical_id, new))
    arn = here.arn("cloudwatch", f"alarm:{physical_id}")
    before, after = ({tag["Key"]: str(tag["Value"]) for tag in each.get("Tags") or []} for each in (old, new))
    gone = [key for key in before if key not in after]
    if gone:
        await here.request(SERVICE, "UntagResource", {"ResourceARN": arn, "TagKeys": gone})
    if after:
        tags = [{"Key": key, "Value": value} for key, value in after.items()]
        await here.request(SERVICE, "TagResource", {"ResourceARN": arn, "Tags": tags})
    return None


async def delete(here: Here, physical_id: str, _properties: Properties, _context: Context) -> None:
    try:
        await here.request(SERVICE, "DeleteAlarms", {"AlarmNames": [physical_id]})
    except ResourceNotFound:
        return


async def attributes(here: Here, physical_id: str, _properties: Properties) -> dict[str, Any]:
    return {"Arn": here.arn("cloudwatch", f"alarm:{physical_id}")}


RESOURCES = {
    "AWS::CloudWatch::Alarm": ResourceType(
        type_name="AWS::CloudWatch::Alarm",
        properties=frozenset({*TEXTS, *LISTS, *NUMBERS, "ActionsEnabled", "AlarmName", "Tags", "Threshold"}),
        required=frozenset({"ComparisonOperator", "EvaluationPeriods"}),
        create=create,
        delete=delete,
        update=update,
        attributes=attributes,
        replaces_on=frozenset({"AlarmName"}),
    )
}
