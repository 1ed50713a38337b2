"""SQS's queues, with what waits in them and what died on the way, and SNS's topics with who hears them."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

from panregion.console import words
from panregion.console.kinds.section import Act, Cell, Facts, Part, Section, aws, beside, last, number
from panregion.console.site import Site, address

Json = dict[str, Any]
Attributes = dict[str, str]
VISIBLE, IN_FLIGHT, DELAYED = (f"ApproximateNumberOfMessages{which}" for which in ("", "NotVisible", "Delayed"))
OLDEST = {"Namespace": "AWS/SQS", "MetricName": "ApproximateAgeOfOldestMessage"}
TOLD_WITHIN_S = 180
"""A queue tells CloudWatch once a minute."""
QUEUES = Section(
    "Queues",
    "aws sqs list-queues",
    ("Queue", number("Visible"), number("In flight"), number("Delayed"), "Kind", "Dead letters go to", "Act"),
    empty="No queue is here.",
    suggest="aws sqs create-queue --queue-name orders",
)
TOPICS = Section(
    "Topics",
    "aws sns list-topics",
    ("Topic", "Told by", "Who hears it", "State"),
    empty="No topic is here.",
    suggest="aws sns create-topic --name news",
)


async def of_region(site: Site, region: str, _status: Json) -> list[Any]:
    """Queues and topics."""
    queues, topics = aws("sqs", "list-queues", region), aws("sns", "list-topics", region)
    return await beside(
        (_with(QUEUES, queues), _queues(site, region)),
        (_with(TOPICS, topics), _topics(site, region)),
    )


def _with(section: Section, command: str, rows: Any = ()) -> Section:
    suggest = section.suggest and f"{section.suggest} --region {command.rpartition(' ')[2]}"
    return Section(section.title, command, section.columns, rows, section.empty, suggest)


async def _queues(site: Site, region: str) -> Section:
    urls = await site.aws.all(region, "sqs", "list_queues", "QueueUrls")
    answers = await asyncio.gather(*(_attributes(site, region, url) for url in urls))
    return listed(region, dict(zip(map(name_of, urls), answers, strict=True)))


async def _attributes(site: Site, region: str, url: str) -> Attributes:
    answer = await site.aws.ask(region, "sqs", "get_queue_attributes", QueueUrl=url, AttributeNames=["All"])
    attributes: Attributes = answer["Attributes"]
    return attributes


def name_of(url: str) -> str:
    """A queue's URL ends in its name."""
    return url.rpartition("/")[2]


def dead_letters_of(attributes: Attributes) -> str:
    """The ARN of the queue where messages end that were received too often; empty where there is none."""
    return str(json.loads(attributes.get("RedrivePolicy", "{}")).get("deadLetterTargetArn", ""))


def listed(region: str, queues: dict[str, Attributes]) -> Section:
    """Queues by name with their attributes; those that take the dead letters of others say whose."""
    sources: dict[str, list[str]] = {}
    for name, attributes in queues.items():
        sources.setdefault(dead_letters_of(attributes), []).append(name)
    rows = [
        _row(region, name, attributes, sources.get(attributes["QueueArn"], []))
        for name, attributes in sorted(queues.items())
    ]
    return _with(QUEUES, aws("sqs", "list-queues", region), rows)


def _row(region: str, name: str, attributes: Attributes, sources: list[str]) -> list[str | Cell]:
    visible, dead = int(attributes[VISIBLE]), dead_letters_of(attributes)
    return [
        Cell.link(
            name, "regions", region, "queues", name, note=f"dead letters of {', '.join(sources)}" if sources else ""
        ),
        Cell(words.count(visible), state="failed" if sources and visible else None),
        words.count(int(attributes[IN_FLIGHT])),
        words.count(int(attributes[DELAYED])),
        "FIFO" if attributes.get("FifoQueue") == "true" else "standard",
        Cell.link(last(dead), "regions", region, "queues", last(dead)) if dead else words.NONE,
        Cell(
            "" if sources and visible else words.NONE, acts=_redrive(region, attributes) if sources and visible else ()
        ),
    ]


def _redrive(region: str, attributes: Attributes) -> tuple[Act, ...]:
    return (Act("redrive", "Redrive", {"region": region, "queue": attributes["QueueArn"]}),)


async def one(site: Site, region: str, name: str, _status: Json) -> list[Part]:
    """A queue: depth, settings, who reads it, and how its dead letters are moved back. Raises Refused for none."""
    url = (await site.aws.ask(region, "sqs", "get_queue_url", QueueName=name))["QueueUrl"]
    attributes, answer, oldest_s = await asyncio.gather(
        _attributes(site, region, url),
        site.aws.ask(region, "sqs", "list_dead_letter_source_queues", QueueUrl=url),
        _oldest_s(site, region, name),
    )
    arn, sources = attributes["QueueArn"], sorted(name_of(each) for each in answer.get("queueUrls", []))
    parts: list[Part] = [_facts(region, url, attributes, sources, oldest_s)]
    return parts + await beside(
        (_readers(region, arn), _read_by(site, region, arn)),
        *([(_moves(region, arn), _moving(site, region, arn))] if sources else []),
    )


async def _oldest_s(site: Site, region: str, name: str) -> float | None:
    """How old the oldest message was when the queue last told CloudWatch, in the last minutes."""
    now = site.world.clock.now()
    answer = await site.aws.ask(
        region,
        "cloudwatch",
        "get_metric_statistics",
        **OLDEST,
        Dimensions=[{"Name": "QueueName", "Value": name}],
        StartTime=datetime.fromtimestamp(now - TOLD_WITHIN_S, UTC),
        EndTime=datetime.fromtimestamp(now, UTC),
        Period=60,
        Statistics=["Maximum"],
    )
    newest = max(answer["Datapoints"], key=lambda point: point["Timestamp"], default=None)
    return None if newest is None else float(newest["Maximum"])


def _facts(region: str, url: str, attributes: Attributes, sources: list[str], oldest_s: float | None) -> Facts:
    dead, visible = dead_letters_of(attributes), int(attributes[VISIBLE])
    most = json.loads(attributes.get("RedrivePolicy", "{}")).get("maxReceiveCount")
    facts: list[tuple[str, str | Cell]] = [
        ("Visible", Cell(words.count(visible), state="failed" if sources and visible else None)),
        ("In flight", words.count(int(attributes[IN_FLIGHT]))),
        ("Delayed", words.count(int(attributes[DELAYED]))),
        ("Oldest", words.NONE if oldest_s is None else Cell(words.seconds(oldest_s), note="within the last minutes")),
        ("Kind", "FIFO" if attributes.get("FifoQueue") == "true" else "standard"),
        ("Invisible after it was received for", words.seconds(float(attributes["VisibilityTimeout"]))),
        ("Kept for", words.seconds(float(attributes["MessageRetentionPeriod"]))),
        ("Delivered after", words.seconds(float(attributes["DelaySeconds"]))),
    ]
    if dead:
        note = f"after {most} receives"
        facts.append(
            ("Dead letters go to", Cell(last(dead), address("regions", region, "queues", last(dead)), note=note))
        )
    if sources:
        facts.append(
            ("Dead letters of", Cell(", ".join(sources), acts=_redrive(region, attributes) if visible else ()))
        )
    facts.append(("ARN", Cell(attributes["QueueArn"], mono=True)))
    command = aws("sqs", "get-queue-attributes", region, queue_url=url, attribute_names="All")
    return Facts("Queue", command, facts)


READERS = ("Reader", "State", number("Batch"))
MOVES = ("Begun (UTC)", "State", number("Moved"), number("Of"), "To", "Reason")


def _readers(region: str, arn: str, rows: Any = ()) -> Section:
    command = aws("lambda", "list-event-source-mappings", region, event_source_arn=arn)
    empty = "No function reads it; whoever calls ReceiveMessage does."
    return Section("Functions that read it", command, READERS, rows, empty)


async def _read_by(site: Site, region: str, arn: str) -> Section:
    operation, member = "list_event_source_mappings", "EventSourceMappings"
    mappings = await site.aws.all(region, "lambda", operation, member, EventSourceArn=arn)
    rows = [
        [
            Cell.link(
                function_of(each["FunctionArn"]), "regions", region, "functions", function_of(each["FunctionArn"])
            ),
            Cell(each["State"], state="healthy" if each["State"] == "Enabled" else "behind"),
            words.count(each.get("BatchSize")),
        ]
        for each in mappings
    ]
    return _readers(region, arn, rows)


def function_of(arn: str) -> str:
    """The name of the function in an ARN, with or without a version or alias behind it."""
    return arn.partition(":function:")[2].partition(":")[0]


def _moves(region: str, arn: str, rows: Any = ()) -> Section:
    command = aws("sqs", "list-message-move-tasks", region, source_arn=arn)
    empty = "They have not been moved back. Redrive sends them to where they came from."
    return Section(
        "Redrives", command, MOVES, rows, empty, aws("sqs", "start-message-move-task", region, source_arn=arn)
    )


async def _moving(site: Site, region: str, arn: str) -> Section:
    asked = {"SourceArn": arn, "MaxResults": 10}
    answer = await site.aws.ask(region, "sqs", "list_message_move_tasks", **asked)
    states = {"RUNNING": "behind", "FAILED": "failed"}
    rows = [
        [
            words.date(each["StartedTimestamp"] / 1000),
            Cell(each["Status"], state=states.get(each["Status"], "healthy")),
            words.count(each.get("ApproximateNumberOfMessagesMoved", 0)),
            words.count(each.get("ApproximateNumberOfMessagesToMove")),
            last(each.get("DestinationArn", "")) or "where each came from",
            each.get("FailureReason", ""),
        ]
        for each in answer.get("Results", [])
    ]
    return _moves(region, arn, rows)


async def _topics(site: Site, region: str) -> Section:
    topics, subscriptions = await asyncio.gather(
        site.aws.all(region, "sns", "list_topics", "Topics"),
        site.aws.all(region, "sns", "list_subscriptions", "Subscriptions"),
    )
    return topics_of(region, [topic["TopicArn"] for topic in topics], subscriptions)


def topics_of(region: str, arns: list[str], subscriptions: list[Json]) -> Section:
    """A row for each subscription, and one for a topic that nobody hears."""
    rows: list[list[str | Cell]] = []
    for arn in arns:
        mine = [each for each in subscriptions if each["TopicArn"] == arn]
        rows += [[last(arn), each["Protocol"], _hearer(region, each), _confirmed(each)] for each in mine]
        rows += [] if mine else [[last(arn), words.NONE, "nobody", words.NONE]]
    return _with(TOPICS, aws("sns", "list-topics", region), rows)


def _confirmed(subscription: Json) -> Cell:
    waits = subscription["SubscriptionArn"] == "PendingConfirmation"
    return Cell("to be confirmed" if waits else "confirmed", state="behind" if waits else "healthy")


def _hearer(region: str, subscription: Json) -> Cell:
    return target(region, subscription["Endpoint"])


def target(region: str, arn: str) -> Cell:
    """What an ARN names, as a link where the console has a page for it."""
    here = f":{region}:" in arn
    if here and ":sqs:" in arn:
        return Cell.link(last(arn), "regions", region, "queues", last(arn), note="queue")
    if here and ":function:" in arn:
        return Cell.link(function_of(arn), "regions", region, "functions", function_of(arn), note="function")
    if here and ":sns:" in arn:
        return Cell.link(last(arn), "regions", region, "queues", note="topic")
    return Cell(arn, mono=True)
