"""AWS::CloudWatch::Alarm. Ref gives the name."""

from typing import Any

from panregion.services.here import Here
from panregion.services.stack import Context, Properties, ResourceType
from panregion.services.stack_calls import ask, retag, tag_list, tags_of, truth, unless_gone

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
        request["ActionsEnabled"] = truth(properties["ActionsEnabled"])
    return request


async def create(here: Here, properties: Properties, context: Context) -> str:
    name = str(properties.get("AlarmName") or context.name(255))
    tags = tag_list(tags_of(properties, context)) or None
    await ask(here, SERVICE, "PutMetricAlarm", **_request(name, properties), Tags=tags)
    return name


async def update(here: Here, physical_id: str, old: Properties, new: Properties, context: Context) -> str | None:
    await here.request(SERVICE, "PutMetricAlarm", _request(physical_id, new))
    arn = here.arn("cloudwatch", f"alarm:{physical_id}")
    await retag(here, SERVICE, {"ResourceARN": arn}, tags_of(old, context), tags_of(new, context))
    return None


async def delete(here: Here, physical_id: str, _properties: Properties, _context: Context) -> None:
    await unless_gone(here, SERVICE, "DeleteAlarms", AlarmNames=[physical_id])


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
