"""Settings of a table that have operations of their own: the calls that take one from the old template to the new."""

from typing import Any

from panregion.services.stack_calls import json_text, tag_list, truth

Output = dict[str, Any]
Call = tuple[str, Output]

INSIGHTS = "ContributorInsightsSpecification"
RECOVERY = "PointInTimeRecoverySpecification"


def recovery_calls(name: str, old: Output | None, new: Output | None) -> list[Call]:
    if old == new:
        return []
    wanted = new or {}
    specification: Output = {"PointInTimeRecoveryEnabled": truth(wanted.get("PointInTimeRecoveryEnabled", False))}
    if "RecoveryPeriodInDays" in wanted:
        specification["RecoveryPeriodInDays"] = int(wanted["RecoveryPeriodInDays"])
    return [("UpdateContinuousBackups", {"TableName": name, RECOVERY: specification})]


def insights_calls(name: str, old: Output | None, new: Output | None, index: str | None = None) -> list[Call]:
    if old == new:
        return []
    enabled = new is not None and truth(new.get("Enabled", False))
    params = {"TableName": name, "ContributorInsightsAction": "ENABLE" if enabled else "DISABLE"}
    if index is not None:
        params["IndexName"] = index
    if new is not None and new.get("Mode"):
        params["ContributorInsightsMode"] = new["Mode"]
    return [("UpdateContributorInsights", params)]


def policy_calls(arn: str, old: Output | None, new: Output | None) -> list[Call]:
    if old == new:
        return []
    if new is None:
        return [("DeleteResourcePolicy", {"ResourceArn": arn})]
    return [("PutResourcePolicy", {"ResourceArn": arn, "Policy": json_text(new["PolicyDocument"])})]


def tag_calls(arn: str, old: dict[str, str], new: dict[str, str]) -> list[Call]:
    calls: list[Call] = []
    gone = sorted(old.keys() - new.keys())
    if gone:
        calls.append(("UntagResource", {"ResourceArn": arn, "TagKeys": gone}))
    changed = {key: value for key, value in new.items() if old.get(key) != value}
    if changed:
        calls.append(("TagResource", {"ResourceArn": arn, "Tags": tag_list(changed)}))
    return calls
