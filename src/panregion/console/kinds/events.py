"""EventBridge's rules, its scheduler's schedules, and pipes: what sets things going, and whether it does."""

import asyncio
from typing import Any

from panregion.console import words
from panregion.console.kinds.queues import target
from panregion.console.kinds.section import Act, Cell, Section, aws, beside
from panregion.console.site import Site

Json = dict[str, Any]
RULE_COLUMNS = ("Rule", "State", "When", "Targets", "Dead letters go to", "Bus", "Act")
SCHEDULE_COLUMNS = ("Schedule", "State", "When", "Target", "Dead letters go to", "Group")
PIPE_COLUMNS = ("Pipe", "State", "From", "To")


async def of_region(site: Site, region: str, _status: Json) -> list[Any]:
    """Rules of all buses, schedules of all groups, pipes."""
    return await beside(
        (rules_section(region), _rules(site, region)),
        (schedules_section(region), _schedules(site, region)),
        (pipes_section(region), _pipes(site, region)),
    )


async def _rules(site: Site, region: str) -> Section:
    buses = (await site.aws.ask(region, "events", "list_event_buses"))["EventBuses"]
    answers = await asyncio.gather(
        *(site.aws.all(region, "events", "list_rules", "Rules", EventBusName=bus["Name"]) for bus in buses)
    )
    rules = [rule for answer in answers for rule in answer]
    targets = await asyncio.gather(
        *(
            site.aws.all(
                region,
                "events",
                "list_targets_by_rule",
                "Targets",
                Rule=rule["Name"],
                EventBusName=rule["EventBusName"],
            )
            for rule in rules
        )
    )
    return rules_section(region, [_rule(region, *each) for each in zip(rules, targets, strict=True)])


def rules_section(region: str, rows: Any = ()) -> Section:
    suggest = aws("events", "put-rule", region, name="every-minute", schedule_expression="rate(1 minute)")
    return Section("Rules", aws("events", "list-rules", region), RULE_COLUMNS, rows, "No rule is here.", suggest)


def _rule(region: str, rule: Json, targets: list[Json]) -> list[str | Cell]:
    enabled = rule["State"].startswith("ENABLED")
    fields = {"region": region, "bus": rule["EventBusName"], "rule": rule["Name"]}
    act = Act("disable-rule", "Disable", fields, "danger") if enabled else Act("enable-rule", "Enable", fields)
    letters = [each["DeadLetterConfig"]["Arn"] for each in targets if each.get("DeadLetterConfig", {}).get("Arn")]
    managed = rule.get("ManagedBy")
    return [
        Cell(rule["Name"], note=rule.get("Description", "")),
        Cell(rule["State"], state="healthy" if enabled else "stopped"),
        Cell(rule.get("ScheduleExpression") or rule.get("EventPattern", ""), mono=True),
        several([target(region, each["Arn"]) for each in targets], "none: what matches is let go"),
        several([target(region, arn) for arn in letters], words.NONE),
        rule["EventBusName"],
        Cell(f"managed by {managed}") if managed else Cell("", acts=(act,)),
    ]


def several(cells: list[Cell], none: str) -> Cell:
    """Targets in one cell: one with its link, more by their names."""
    if len(cells) == 1:
        return cells[0]
    return Cell(", ".join(cell.text for cell in cells) or none)


async def _schedules(site: Site, region: str) -> Section:
    found = await site.aws.all(region, "scheduler", "list_schedules", "Schedules")
    whole = await asyncio.gather(
        *(
            site.aws.ask(region, "scheduler", "get_schedule", Name=each["Name"], GroupName=each["GroupName"])
            for each in found
        )
    )
    return schedules_section(region, [_schedule(region, schedule) for schedule in whole])


def schedules_section(region: str, rows: Any = ()) -> Section:
    command = aws("scheduler", "list-schedules", region)
    return Section(
        "Schedules", command, SCHEDULE_COLUMNS, rows, "No schedule is here.", "aws scheduler create-schedule help"
    )


def _schedule(region: str, schedule: Json) -> list[str | Cell]:
    zone = schedule.get("ScheduleExpressionTimezone", "UTC")
    letters = schedule["Target"].get("DeadLetterConfig", {}).get("Arn")
    return [
        Cell(schedule["Name"], note=schedule.get("Description", "")),
        Cell(schedule["State"], state="healthy" if schedule["State"] == "ENABLED" else "stopped"),
        Cell(schedule["ScheduleExpression"], note="" if zone == "UTC" else zone, mono=True),
        target(region, schedule["Target"]["Arn"]),
        target(region, letters) if letters else words.NONE,
        schedule["GroupName"],
    ]


async def _pipes(site: Site, region: str) -> Section:
    pipes = await site.aws.all(region, "pipes", "list_pipes", "Pipes")
    return pipes_section(region, [_pipe(region, pipe) for pipe in pipes])


def pipes_section(region: str, rows: Any = ()) -> Section:
    return Section(
        "Pipes",
        aws("pipes", "list-pipes", region),
        PIPE_COLUMNS,
        rows,
        "No pipe is here.",
        "aws pipes create-pipe help",
    )


def _pipe(region: str, pipe: Json) -> list[str | Cell]:
    state = pipe["CurrentState"]
    mark = (
        "healthy"
        if state == "RUNNING"
        else "failed"
        if "FAILED" in state
        else "stopped"
        if state == "STOPPED"
        else "behind"
    )
    return [
        pipe["Name"],
        Cell(state, state=mark, note=pipe.get("StateReason", "")),
        target(region, pipe["Source"]),
        target(region, pipe["Target"]),
    ]
