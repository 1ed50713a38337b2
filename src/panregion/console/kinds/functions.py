"""Lambda's functions: their figures of the last quarter of an hour, and what sets them going."""

import asyncio
import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from shlex import quote
from typing import Any

from panregion.console import words
from panregion.console.aws import Refused
from panregion.console.kinds.section import Bars, Cell, Chart, Column, Facts, Part, Section, aws, beside, last, number
from panregion.console.site import Site

Json = dict[str, Any]
MINUTES = 15
METRICS = (
    *(("Invocations", "Sum"), ("Errors", "Sum"), ("Throttles", "Sum")),
    *(("Duration", "Average"), ("Duration", "Maximum")),
)
ASKED_MAX = 500
"""GetMetricData takes as many questions at once."""
LEGEND = f"Figures are CloudWatch's of the last {MINUTES} minutes; warm: execution environments that live now."
COLD = '"Init Duration"'
INIT = re.compile(r"\bInit Duration: ([0-9.]+) ms")
PREFIX = "/aws/lambda/"


@dataclass(frozen=True)
class Figures:
    """What CloudWatch has of a function, for each minute, the oldest first; None where nothing was told."""

    minutes: tuple[datetime, ...] = ()
    by: dict[str, tuple[float | None, ...]] | None = None

    def values(self, name: str) -> tuple[float | None, ...]:
        """Of "Invocations Sum" and the like."""
        return (self.by or {}).get(name, (None,) * len(self.minutes))

    def sum(self, name: str) -> float:
        return sum(value or 0.0 for value in self.values(name))

    @property
    def mean_ms(self) -> float | None:
        """Of all invocations' durations."""
        pairs = zip(self.values("Duration Average"), self.values("Invocations Sum"), strict=True)
        known = [(value, weight) for value, weight in pairs if value is not None and weight]
        whole = sum(weight for _, weight in known)
        return sum(value * weight for value, weight in known) / whole if whole else None

    @property
    def most_ms(self) -> float | None:
        return max((value for value in self.values("Duration Maximum") if value is not None), default=None)


def minutes_until(now: float) -> tuple[datetime, ...]:
    """The last minutes, that which runs now last."""
    this = datetime.fromtimestamp(now, UTC).replace(second=0, microsecond=0)
    return tuple(this - timedelta(minutes=ago) for ago in reversed(range(MINUTES)))


async def figures(site: Site, region: str, names: list[str], now: float) -> dict[str, Figures]:
    """CloudWatch's figures of these functions, all asked for at once."""
    minutes = minutes_until(now)
    asked = [(name, metric, statistic) for name in names for metric, statistic in METRICS]
    queries = [_query(number, *one) for number, one in enumerate(asked)]
    times = {"StartTime": minutes[0], "EndTime": minutes[-1] + timedelta(minutes=1)}
    answers = await asyncio.gather(
        *(
            site.aws.ask(region, "cloudwatch", "get_metric_data", MetricDataQueries=some, **times)
            for some in (queries[at : at + ASKED_MAX] for at in range(0, len(queries), ASKED_MAX))
        )
    )
    told = {result["Id"]: result for answer in answers for result in answer["MetricDataResults"]}
    return arranged(minutes, {one: told.get(f"q{number}", {}) for number, one in enumerate(asked)})


def _query(number: int, function: str, metric: str, statistic: str) -> Json:
    named = {
        "Namespace": "AWS/Lambda",
        "MetricName": metric,
        "Dimensions": [{"Name": "FunctionName", "Value": function}],
    }
    return {"Id": f"q{number}", "MetricStat": {"Metric": named, "Period": 60, "Stat": statistic}}


def arranged(minutes: tuple[datetime, ...], told: dict[tuple[str, str, str], Json]) -> dict[str, Figures]:
    """Results by (function, metric, statistic), as figures by function."""
    found: dict[str, dict[str, tuple[float | None, ...]]] = {}
    for (function, metric, statistic), result in told.items():
        values = dict(zip(result.get("Timestamps", []), result.get("Values", []), strict=True))
        found.setdefault(function, {})[f"{metric} {statistic}"] = tuple(values.get(minute) for minute in minutes)
    return {function: Figures(minutes, by) for function, by in found.items()}


def listed(region: str, functions: list[Json], told: dict[str, Figures], environments: Counter[str]) -> Section:
    """A region's functions, with their figures of the last minutes."""
    rows = [
        _row(region, function, told.get(function["FunctionName"], Figures()), environments[function["FunctionName"]])
        for function in functions
    ]
    return Section(
        "Functions",
        aws("lambda", "list-functions", region),
        (
            *("Function", number("Invocations"), number("Errors"), number("Throttles"), number("Mean")),
            *(number("Longest"), number("Warm"), "Runtime", number("Memory"), "State"),
        ),
        rows,
        "No function is here.",
        "panregion deploy template.yaml",
        note=LEGEND if rows else "",
    )


def _row(region: str, function: Json, told: Figures, warm: int) -> list[str | Cell]:
    name, errors = function["FunctionName"], told.sum("Errors Sum")
    return [
        Cell.link(name, "regions", region, "functions", name),
        words.count(told.sum("Invocations Sum")),
        Cell(words.count(errors), state="failed" if errors else None),
        words.count(told.sum("Throttles Sum")),
        words.milliseconds(told.mean_ms),
        words.milliseconds(told.most_ms),
        words.count(warm),
        str(function.get("Runtime", function.get("PackageType", words.NONE))),
        f"{function['MemorySize']} MB",
        Cell(function.get("State", "Active"), state=None if function.get("State", "Active") == "Active" else "behind"),
    ]


def warm_by_function(status: Json) -> Counter[str]:
    """How many execution environments each function has, of control's status of a region."""
    return Counter(each["function"].partition(":")[0] for each in status.get("environments", []))


async def of_region(site: Site, region: str, status: Json) -> list[Section]:
    """The list of them."""
    functions = await site.aws.all(region, "lambda", "list_functions", "Functions")
    names = [function["FunctionName"] for function in functions]
    told = await figures(site, region, names, site.world.clock.now()) if names else {}
    return [listed(region, functions, told, warm_by_function(status))]


async def one(site: Site, region: str, function: Json, status: Json) -> list[Part]:
    """One function, as GetFunctionConfiguration has it: figures by the minute, cold starts, what sets it going."""
    name, now = function["FunctionName"], site.world.clock.now()
    triggers = Section("Set going by", _triggers(region, name), TRIGGERS)
    cold = Section("Cold starts", _cold(region, group_of(function)), COLD_STARTS)
    told, url, *others = await asyncio.gather(
        figures(site, region, [name], now),
        _url(site, region, name),
        beside((cold, cold_starts(site, region, function, now))),
        beside((triggers, _set_going_by(site, region, name))),
    )
    shown = told.get(name, Figures())
    return [
        chart(region, name, shown),
        _facts(region, function, warm_by_function(status)[name], shown, url),
        *(part for parts in others for part in parts),
    ]


DRAWN = (
    *(("Invocations", "Invocations Sum", "plain"), ("Errors", "Errors Sum", "bad")),
    *(("Mean duration", "Duration Average", "warm"), ("Longest duration", "Duration Maximum", "warm")),
)


def chart(region: str, function: str, told: Figures) -> Chart:
    """Invocations, errors and durations by the minute."""
    wholes = (told.sum("Invocations Sum"), told.sum("Errors Sum"), told.mean_ms, told.most_ms)
    bars = [
        Bars(
            title,
            told.values(name),
            [f"{minute:%H:%M}: {_shown(name, value)}" for minute, value in _pairs(told, name)],
            _shown(name, whole),
            tone,
        )
        for (title, name, tone), whole in zip(DRAWN, wholes, strict=True)
    ]
    options = {"namespace": "AWS/Lambda", "metric_name": "Invocations", "statistics": "Sum", "period": "60"}
    since = f"--dimensions Name=FunctionName,Value={quote(function)} --start-time {{}} --end-time {{}}"
    times = [minute.strftime("%Y-%m-%dT%H:%MZ") for minute in (told.minutes[:1] + told.minutes[-1:])] or ["", ""]
    command = f"{aws('cloudwatch', 'get-metric-statistics', region, **options)} {since.format(*times)}"
    columns: tuple[str | Column, ...] = ("Minute (UTC)", *(number(title) for title, _, _ in DRAWN))
    rows = [
        [f"{minute:%H:%M}", *(_shown(name, told.values(name)[index]) for _, name, _ in DRAWN)]
        for index, minute in enumerate(told.minutes)
    ]
    return Chart(f"The last {MINUTES} minutes", command, bars, Section("By the minute", command, columns, rows))


def _shown(name: str, value: float | None) -> str:
    return words.milliseconds(value) if name.startswith("Duration") else words.count(value or 0)


def _pairs(told: Figures, name: str) -> list[tuple[datetime, float | None]]:
    return list(zip(told.minutes, told.values(name), strict=True))


async def _url(site: Site, region: str, name: str) -> str | None:
    """Where the function answers by itself; None where it has no URL."""
    try:
        answer = await site.aws.ask(region, "lambda", "get_function_url_config", FunctionName=name)
    except Refused as error:
        if error.code != "ResourceNotFoundException":
            raise
        return None
    return str(answer["FunctionUrl"])


def _facts(region: str, function: Json, warm: int, told: Figures, url: str | None) -> Facts:
    facts: list[tuple[str, str | Cell]] = [
        ("Warm environments", words.count(warm)),
        (f"Throttles in {MINUTES} minutes", words.count(told.sum("Throttles Sum"))),
        ("Runtime", function.get("Runtime", words.NONE)),
        ("Handler", Cell(function.get("Handler", words.NONE), mono=True)),
        ("Memory", f"{function['MemorySize']} MB"),
        ("Timeout", words.seconds(function["Timeout"])),
        ("Code", words.size(function["CodeSize"])),
        ("Changed (UTC)", function["LastModified"].partition(".")[0].replace("T", " ")),
        ("State", Cell(function.get("State", "Active"), note=function.get("StateReason", ""))),
        *([("Answers at", Cell(url, mono=True))] if url else []),
        ("ARN", Cell(function["FunctionArn"], mono=True)),
    ]
    command = aws("lambda", "get-function-configuration", region, function_name=function["FunctionName"])
    return Facts("Function", command, facts)


def group_of(function: Json) -> str:
    """The log group that a function writes to."""
    return str(function.get("LoggingConfig", {}).get("LogGroup") or PREFIX + function["FunctionName"])


COLD_STARTS = ("When (UTC)", number("Init duration"), "Environment's log stream")


def _cold(region: str, group: str) -> str:
    return aws("logs", "filter-log-events", region, log_group_name=group, filter_pattern=COLD)


async def cold_starts(site: Site, region: str, function: Json, now: float) -> Section:
    """The REPORT lines of invocations that waited for an environment to start; none where nothing was ever written."""
    group, since_ms = group_of(function), int((now - MINUTES * 60) * 1000)
    asked: Json = {"logGroupName": group, "filterPattern": COLD, "startTime": since_ms}
    try:
        events = await site.aws.all(region, "logs", "filter_log_events", "events", **asked)
    except Refused as error:
        if error.code != "ResourceNotFoundException":
            raise
        events = []
    return cold_section(region, group, events)


def cold_section(region: str, group: str, events: list[Json]) -> Section:
    """Cold starts, the latest first."""
    found = [(each, INIT.search(each["message"])) for each in sorted(events, key=lambda each: -each["timestamp"])]
    rows = [
        [words.date(each["timestamp"] / 1000), words.milliseconds(float(match.group(1))), each["logStreamName"]]
        for each, match in found
        if match is not None
    ]
    title = f"Cold starts in {MINUTES} minutes"
    return Section(title, _cold(region, group), COLD_STARTS, rows, "Every invocation found a warm environment.")


TRIGGERS = ("Source", "State", number("Batch"), "Last result")


def _triggers(region: str, name: str) -> str:
    return aws("lambda", "list-event-source-mappings", region, function_name=name)


async def _set_going_by(site: Site, region: str, name: str) -> Section:
    operation, member = "list_event_source_mappings", "EventSourceMappings"
    mappings = await site.aws.all(region, "lambda", operation, member, FunctionName=name)
    return triggers_of(region, name, mappings)


def triggers_of(region: str, name: str, mappings: list[Json]) -> Section:
    """Queues and streams that the function reads."""
    rows = [
        [
            _source(region, each.get("EventSourceArn", "")),
            Cell(each["State"], state="healthy" if each["State"] == "Enabled" else "behind"),
            words.count(each.get("BatchSize")),
            each.get("LastProcessingResult", words.NONE),
        ]
        for each in mappings
    ]
    empty = "It reads no queue and no stream; an API, a rule or a caller sets it going."
    return Section("Reads from", _triggers(region, name), TRIGGERS, rows, empty)


def _source(region: str, arn: str) -> Cell:
    if ":sqs:" in arn:
        return Cell.link(last(arn), "regions", region, "queues", last(arn), note="queue")
    table = arn.partition(":table/")[2].partition("/")[0]
    return Cell.link(table, "data", table, note="table's stream") if table else Cell(arn, mono=True)
