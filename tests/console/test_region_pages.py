"""Regions and what is in them, as a real region tells it: figures, commands, actions; what is hostile is text."""

import html
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from panregion.console.aws import Aws
from panregion.console.words import NONE
from panregion.functions import zipped
from panregion.region import Region
from panregion.store import MemoryEngine
from panregion.world import Request, WorldSettings, direct_dial
from panregion.world.settings import Ports
from tests.console.lab import REGIONS, Lab, read, status

US = REGIONS[0]
HOSTILE = "<script>alert(1)</script>\"'&"
SHOWN = html.escape(HOSTILE).replace("&#x27;", "&#39;").replace("&quot;", "&#34;")
ROLE = "arn:aws:iam::000000000000:role/lambda"
GROUP = "/aws/lambda/cook"
DISCARD = 9
"""Not a port that anybody listens at."""
STREAM = "2026/11/21/[$LATEST]abc"


@pytest.fixture
async def region(tmp_path: Path) -> AsyncIterator[Region]:
    """us-east-1 at its own address, alone: it asks for no peers, whoever may be at their addresses."""
    settings = WorldSettings(regions=(US,), folder=str(tmp_path))
    region = Region(US, settings, MemoryEngine(), lambda _site: direct_dial)
    await region.start()
    yield region
    await region.stop()


@pytest.fixture
async def desk(lab: Lab, region: Region) -> Lab:
    """A console that has that region."""
    port = await region.serve("127.0.1.1", 0)
    lab.site.aws = Aws(WorldSettings(regions=REGIONS, ports=Ports(gateway=port), folder=lab.site.settings.folder))
    lab.world.answers["GET /status"] = status(eu_west_1="killed")
    lab.world.answers["GET /work"] = []
    return lab


@pytest.fixture
def deserted(lab: Lab) -> Lab:
    """A console whose regions are said to run, and nobody is at their addresses."""
    lab.site.aws = Aws(WorldSettings(regions=REGIONS, ports=Ports(gateway=DISCARD), folder=lab.site.settings.folder))
    return lab


async def page(desk: Lab, target: str) -> str:
    """A page that is there, as HTML; nothing hostile in it is markup."""
    code, text = await desk.get(target)
    assert code == 200, read(text)
    assert HOSTILE not in text
    assert "<script>alert" not in text
    return text


async def test_every_region_with_its_figures_and_what_can_be_done_to_it(desk: Lab) -> None:
    text = await page(desk, "/regions")
    assert "us-east-1 running 12 s 60.0 MB none 0 0 http://127.0.1.1:4566 Kill Freeze" in read(text)
    assert f"eu-west-1 killed 12 s 60.0 MB {NONE} 0 0 http://127.0.2.1:4566 Restore" in read(text)
    assert "panregion status" in text


@pytest.mark.parametrize("target", ["", "/queues", "/functions/cook", "/queues/orders"])
@pytest.mark.parametrize(("is_so", "way_back"), [("killed", "restore"), ("frozen", "thaw")])
async def test_a_region_that_is_down_says_so_and_can_be_brought_back(
    lab: Lab, target: str, is_so: str, way_back: str
) -> None:
    lab.world.answers["GET /status"] = status(us_east_1=is_so)
    text = await page(lab, f"/regions/us-east-1{target}")
    assert f"panregion {way_back} us-east-1" in text
    assert f'action="/actions/{way_back}"' in text
    assert "can be seen again when it answers" in text


@pytest.mark.parametrize("target", ["/regions/mars-1", "/regions/us-east-1/dreams", "/regions/mars-1/functions/x/log"])
async def test_what_is_not_there(lab: Lab, target: str) -> None:
    assert (await lab.get(target))[0] == 404


async def test_a_region_that_dies_meanwhile_is_told_where_its_lists_would_be(deserted: Lab) -> None:
    text = await page(deserted, "/regions/us-east-1/queues")
    assert text.count("us-east-1 does not answer") == 2
    assert "aws sqs list-queues --region us-east-1" in text


@pytest.mark.parametrize(
    ("tab", "says", "suggests"),
    [
        ("stacks", "No stack is here.", "panregion deploy template.yaml"),
        ("functions", "No function is here.", "aws lambda list-functions --region us-east-1"),
        ("apis", "No REST API is here.", "aws apigatewayv2 get-apis --region us-east-1"),
        ("queues", "No queue is here.", "aws sqs create-queue --queue-name orders --region us-east-1"),
        ("events", "No rule is here.", "aws scheduler list-schedules --region us-east-1"),
        ("balancers", "No load balancer is here.", "aws elbv2 describe-load-balancers --region us-east-1"),
        ("work", "Nothing was given up.", "panregion work us-east-1"),
    ],
)
async def test_where_there_is_nothing_it_says_what_to_type(desk: Lab, tab: str, says: str, suggests: str) -> None:
    text = await page(desk, f"/regions/us-east-1/{tab}")
    assert says in read(text)
    assert suggests in read(text)


async def test_a_stack_with_its_resources_and_events(desk: Lab, region: Region) -> None:
    template = {
        "Description": HOSTILE,
        "Resources": {"Orders": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "orders"}}},
        "Outputs": {"Name": {"Value": HOSTILE}},
    }
    asked = {"StackName": "shop", "TemplateBody": msgspec.json.encode(template).decode()}
    await region.ask("cloudformation", "CreateStack", asked)
    while (await _stack(region))["StackStatus"] != "CREATE_COMPLETE":
        await region.here.world.clock.sleep(0.01)
    text = await page(desk, "/regions/us-east-1")
    assert 'href="/regions/us-east-1/stacks/shop"' in text
    text = await page(desk, "/regions/us-east-1/stacks/shop")
    assert SHOWN in text
    assert "Orders AWS::SQS::Queue orders CREATE_COMPLETE" in read(text)
    assert 'href="/regions/us-east-1/queues/orders"' in text
    assert "shop AWS::CloudFormation::Stack CREATE_COMPLETE" in read(text)
    assert "aws cloudformation describe-stack-events --stack-name shop --region us-east-1" in text
    assert (await desk.get("/regions/us-east-1/stacks/none"))[0] == 400


async def _stack(region: Region) -> dict[str, Any]:
    found: dict[str, Any] = (await region.ask("cloudformation", "DescribeStacks", {"StackName": "shop"}))["Stacks"][0]
    return found


async def test_dead_letters_are_sent_back_from_the_page(desk: Lab, region: Region) -> None:
    await region.ask("sqs", "CreateQueue", {"QueueName": "dead"})
    arn = "arn:aws:sqs:us-east-1:000000000000:dead"
    policy = msgspec.json.encode({"deadLetterTargetArn": arn, "maxReceiveCount": 1}).decode()
    asked = {"QueueName": "orders", "Attributes": {"RedrivePolicy": policy, "VisibilityTimeout": "0"}}
    orders = (await region.ask("sqs", "CreateQueue", asked))["QueueUrl"]
    for text in ("one", "two"):
        await region.ask("sqs", "SendMessage", {"QueueUrl": orders, "MessageBody": text})
    while "Messages" in await region.ask("sqs", "ReceiveMessage", {"QueueUrl": orders, "MaxNumberOfMessages": 10}):
        continue
    text = await page(desk, "/regions/us-east-1/queues")
    assert f"dead dead letters of orders 2 0 0 standard {NONE} Redrive" in read(text)
    assert f"orders 0 0 0 standard dead {NONE}" in read(text)
    given = {"region": US, "queue": arn}
    question = await desk.post("/actions/redrive", given)
    assert b"aws sqs start-message-move-task --source-arn " + arn.encode() in bytes(question.body)  # type: ignore[arg-type]
    done = await desk.post("/actions/redrive", {**given, "confirmed": "yes"})
    assert done.status == 303
    while (await region.ask("sqs", "ListMessageMoveTasks", {"SourceArn": arn}))["Results"][0]["Status"] == "RUNNING":
        await region.here.world.clock.sleep(0.01)
    text = read(await page(desk, "/regions/us-east-1/queues/dead"))
    assert "Visible 0" in text
    assert f"Oldest {NONE} Kind" in text, "nothing was told yet"
    figures = {"unit": "Seconds", "dimensions": [["QueueName", "dead"]], "figures": [1, 42, 42, 42]}
    told = {"metric": "ApproximateAgeOfOldestMessage", "at": int(desk.site.world.clock.now()) - 60, **figures}
    await region.here.request("cloudwatch", "panregion:AddFigures", {"namespace": "AWS/SQS", "data": [told]})
    assert "Oldest 42 s within the last minutes Kind" in read(await page(desk, "/regions/us-east-1/queues/dead"))
    assert "COMPLETED 2 2 where each came from" in text
    assert "Visible 2" in read(await page(desk, "/regions/us-east-1/queues/orders"))
    [note] = desk.site.history.take_notes()
    assert note["command"] == f"aws sqs start-message-move-task --source-arn {arn} --region us-east-1"


async def test_what_aws_refuses_is_told(desk: Lab) -> None:
    given = {"region": US, "queue": "arn:aws:sqs:us-east-1:000000000000:none", "confirmed": "yes"}
    answer = await desk.post("/actions/redrive", given, accept="application/json")
    assert answer.status == 400
    assert "exist" in msgspec.json.decode(answer.body)["message"]  # type: ignore[arg-type]


async def test_a_rule_is_disabled_and_enabled_from_the_page(desk: Lab, region: Region) -> None:
    rule = {"Name": "nightly", "ScheduleExpression": "rate(1 day)", "Description": HOSTILE}
    await region.ask("events", "PutRule", rule)
    target = {"Id": "1", "Arn": "arn:aws:sqs:us-east-1:000000000000:orders"}
    await region.ask("events", "PutTargets", {"Rule": "nightly", "Targets": [target]})
    text = await page(desk, "/regions/us-east-1/events")
    assert SHOWN in text
    assert f"ENABLED rate(1 day) orders queue {NONE} default Disable" in read(text)
    given = {"region": US, "bus": "default", "rule": "nightly"}
    assert b"until it is enabled" in bytes((await desk.post("/actions/disable-rule", given)).body)  # type: ignore[arg-type]
    assert (await desk.post("/actions/disable-rule", {**given, "confirmed": "yes"})).status == 303
    assert f"DISABLED rate(1 day) orders queue {NONE} default Enable" in read(
        await page(desk, "/regions/us-east-1/events")
    )
    assert (await desk.post("/actions/enable-rule", given)).status == 303
    assert (await region.ask("events", "DescribeRule", {"Name": "nightly"}))["State"] == "ENABLED"


async def test_topics_and_schedules(desk: Lab, region: Region) -> None:
    topic = (await region.ask("sns", "CreateTopic", {"Name": "news"}))["TopicArn"]
    await region.ask("sns", "CreateTopic", {"Name": "quiet"})
    queue = "arn:aws:sqs:us-east-1:000000000000:orders"
    await region.ask("sqs", "CreateQueue", {"QueueName": "orders"})
    await region.ask("sns", "Subscribe", {"TopicArn": topic, "Protocol": "sqs", "Endpoint": queue})
    schedule = {
        "Name": "breakfast",
        "ScheduleExpression": "cron(0 7 * * ? *)",
        "ScheduleExpressionTimezone": "Europe/Paris",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": {"Arn": queue, "RoleArn": ROLE},
        "Description": HOSTILE,
    }
    await region.ask("scheduler", "CreateSchedule", schedule)
    text = read(await page(desk, "/regions/us-east-1/queues"))
    assert "news sqs orders queue confirmed" in text
    assert f"quiet {NONE} nobody" in text
    text = await page(desk, "/regions/us-east-1/events")
    assert SHOWN in text
    assert f"ENABLED cron(0 7 * * ? *) Europe/Paris orders queue {NONE} default" in read(text)


@pytest.fixture
async def cook(desk: Lab, region: Region) -> Lab:
    """A function that was told to have run."""
    given = {
        "Runtime": "python3.11",
        "Role": ROLE,
        "Handler": "app.handler",
        "Code": {"ZipFile": zipped({"app.py": ""})},
    }
    await region.ask("lambda", "CreateFunction", {"FunctionName": "cook", "Description": HOSTILE, **given})
    now, named = region.here.now(), [["FunctionName", "cook"]]
    figures = {"Invocations": [3, 3, 1, 1], "Errors": [3, 1, 0, 1], "Duration": [3, 60, 10, 30]}
    data = [
        {"metric": metric, "unit": "Count", "at": now, "dimensions": named, "figures": told}
        for metric, told in figures.items()
    ]
    await region.ask("cloudwatch", "panregion:AddFigures", {"namespace": "AWS/Lambda", "data": data})
    await region.ask("logs", "CreateLogGroup", {"logGroupName": GROUP})
    await region.ask("logs", "CreateLogStream", {"logGroupName": GROUP, "logStreamName": STREAM})
    await write(region, HOSTILE, "REPORT RequestId: 1\tDuration: 10.00 ms\tInit Duration: 123.40 ms\t\n")
    return desk


async def write(region: Region, *lines: str) -> None:
    now_ms = int(region.here.now() * 1000)
    events = [{"timestamp": now_ms, "message": line} for line in lines]
    asked = {"logGroupName": GROUP, "logStreamName": STREAM, "logEvents": events}
    await region.ask("logs", "PutLogEvents", asked)


async def test_a_functions_figures_cold_starts_and_log(cook: Lab, region: Region) -> None:
    assert "cook 3 1 0 20.0 ms 30.0 ms 0 python3.11 128 MB Active" in read(
        await page(cook, "/regions/us-east-1/functions")
    )
    text = await page(cook, "/regions/us-east-1/functions/cook")
    for drawn in ("Invocations 3 ", "Errors 1 ", "Mean duration 20.0 ms ", "Longest duration 30.0 ms "):
        assert drawn in read(text)
    assert f"123 ms {STREAM}" in read(text)
    assert SHOWN in text
    assert f"aws logs tail {GROUP} --follow --region us-east-1" in text
    assert "It reads no queue and no stream" in text
    assert "Answers at" not in text
    given = {"FunctionName": "cook", "AuthType": "NONE"}
    url = (await region.ask("lambda", "CreateFunctionUrlConfig", given))["FunctionUrl"]
    assert f"Answers at {url}" in read(await page(cook, "/regions/us-east-1/functions/cook"))


async def test_a_log_goes_on_from_where_the_page_has_it(cook: Lab, region: Region) -> None:
    address = "/regions/us-east-1/functions/cook/log"
    _, first = await cook.get(f"{address}?after=0")
    told = msgspec.json.decode(first)
    texts = [(line["text"], line["platform"]) for line in told["lines"]]
    assert texts[0] == (HOSTILE, False)
    assert texts[1][1]
    await write(region, "soup is ready", "an ERROR in the kitchen")
    later = msgspec.json.decode((await cook.get(f"{address}?after={told['after']}&pattern=ERROR"))[1])
    assert [line["text"] for line in later["lines"]] == ["an ERROR in the kitchen"]
    wrong = msgspec.json.decode((await cook.get(f"{address}?after=0&pattern=%7B%24"))[1])
    assert wrong["lines"] == []
    assert wrong["problem"]


async def test_a_function_that_never_wrote(desk: Lab, cook: Lab, region: Region) -> None:
    await region.ask("logs", "DeleteLogGroup", {"logGroupName": GROUP})
    text = read(await page(cook, "/regions/us-east-1/functions/cook"))
    assert "It has not written anything yet." in text
    assert "Every invocation found a warm environment." in text


async def test_apis_of_every_kind_with_their_routes(desk: Lab, region: Region) -> None:
    rest = (await region.ask("apigateway", "CreateRestApi", {"name": HOSTILE}))["id"]
    root = (await region.ask("apigateway", "GetResources", {"restApiId": rest}))["items"][0]["id"]
    method = {"restApiId": rest, "resourceId": root, "httpMethod": "GET"}
    await region.ask("apigateway", "PutMethod", {**method, "authorizationType": "AWS_IAM"})
    await region.ask("apigateway", "PutIntegration", {**method, "type": "MOCK"})
    await region.ask("apigateway", "CreateDeployment", {"restApiId": rest, "stageName": "prod"})
    target = "https://example.test/<b>"
    asked = {"Name": "web", "ProtocolType": "HTTP", "Target": target, "RouteKey": "GET /menu"}
    other = (await region.ask("apigatewayv2", "CreateApi", asked))["ApiId"]
    text = await page(desk, "/regions/us-east-1/apis")
    assert SHOWN in text
    assert f"https://{rest}.execute-api.us-east-1.amazonaws.com/prod" in text
    assert f"web {other} HTTP https://{other}.execute-api.us-east-1.amazonaws.com" in read(text)
    assert f"GET / MOCK {NONE} AWS_IAM" in read(await page(desk, f"/regions/us-east-1/apis/{rest}"))
    assert f"GET /menu HTTP_PROXY {target} everybody" in html.unescape(
        read(await page(desk, f"/regions/us-east-1/apis/{other}"))
    )
    assert (await desk.get("/regions/us-east-1/apis/none"))[0] == 400


async def test_own_work_and_what_was_given_up(desk: Lab) -> None:
    work = {"region": US, "kind": "sns.deliver", "about": HOSTILE, "attempts": 3, "reason": HOSTILE, "payload": "{}"}
    desk.world.answers["GET /work"] = [
        {**work, "state": "dead", "due_in_s": None},
        {**work, "state": "waiting", "due_in_s": 4.0, "kind": "lambda.invoke"},
        {**work, "state": "dead", "due_in_s": None, "region": "eu-west-1", "kind": "elsewhere"},
    ]
    text = await page(desk, "/regions/us-east-1/work")
    assert f"sns.deliver {HOSTILE} dead {NONE} 3 {HOSTILE}" in read(text)
    assert "lambda.invoke" in text
    assert "elsewhere" not in text


ZONE = {"Name": "shop.test", "CallerReference": "1", "HostedZoneConfig": {"Comment": HOSTILE}}
CHECK = {
    "Type": "HTTPS",
    "FullyQualifiedDomainName": "api.shop.test",
    "ResourcePath": f"/{HOSTILE}",
    "RequestInterval": 10,
}


async def test_zones_records_and_checks_with_what_is_known_at_the_edge(desk: Lab, region: Region) -> None:
    zone = (await region.ask("route53", "CreateHostedZone", ZONE))["HostedZone"]["Id"].rpartition("/")[2]
    made = await region.ask("route53", "CreateHealthCheck", {"CallerReference": "1", "HealthCheckConfig": CHECK})
    check = made["HealthCheck"]["Id"]
    record = {"Name": "api.shop.test", "Type": "A", "TTL": 5, "ResourceRecords": [{"Value": "192.0.2.1"}]}
    routed = {**record, "SetIdentifier": "us", "Weight": 3, "HealthCheckId": check}
    batch = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": routed}]}
    await region.ask("route53", "ChangeResourceRecordSets", {"HostedZoneId": zone, "ChangeBatch": batch})
    tags = [{"Key": "Name", "Value": HOSTILE}]
    named = {"ResourceType": "healthcheck", "ResourceId": check, "AddTags": tags}
    await region.ask("route53", "ChangeTagsForResource", named)
    known = {"id": check, "type": "HTTPS", "target": "api.shop.test", "healthy": False, "why": "0 of 8 hold it"}
    checker = {"site": "eu-west-1", "address": "198.19.2.10", "healthy": False, "against": 3, "status": HOSTILE}
    seen = {"checked_at": 1.0, "took_ms": 12.0, "failure": HOSTILE, "failed_at": 2.0}
    desk.world.answers["GET /_panregion/health-checks"] = {"health_checks": [known]}
    desk.world.answers[f"GET /_panregion/health-checks/{check}"] = {**known, "checkers": [{**checker, **seen}]}
    text = await page(desk, "/edge")
    assert f"shop.test 3 {zone} {HOSTILE}" in read(text)
    assert f"{HOSTILE} api.shop.test unhealthy HTTPS 0 of 8 hold it Fail" in read(text)
    assert "There is no distribution." in text
    assert "There is no accelerator." in text
    assert f"api.shop.test us A weighted, 3 192.0.2.1 5.0 s unhealthy ({check[:8]})" in read(
        await page(desk, f"/zones/{zone}")
    )
    text = await page(desk, f"/checks/{check}")
    assert f"eu-west-1 unhealthy 3 {HOSTILE} 00:00:01 12.0 ms {HOSTILE} 00:00:02" in read(text)
    assert (await desk.post("/actions/fail-check", {"check": check, "confirmed": "yes"})).status == 303
    assert "unhealthy inverted" in read(text := await page(desk, f"/checks/{check}"))
    assert 'action="/actions/mend-check"' in text


@pytest.mark.parametrize(
    ("query", "leads_to"),
    [("name=+a.test+&type=TXT", "/names/a.test?type=TXT"), ("name=a/b", "/names/a%2Fb"), ("name=+", "/edge")],
)
async def test_any_name_can_be_asked_for(lab: Lab, query: str, leads_to: str) -> None:
    asked = Request("GET", "/names", query, [("host", lab.origin.removeprefix("http://"))])
    response = await lab.console(asked)
    assert (response.status, dict(response.headers)["Location"]) == (303, leads_to)


async def test_a_name_for_every_city_and_why(lab: Lab) -> None:
    trace = [{"name": "a.test.", "why": HOSTILE}]
    answer = {"values": ["127.0.2.1"], "rcode": "NOERROR", "ttl_s": 60, "trace": trace}
    lab.world.answers["GET /_panregion/places"] = {"places": [{"name": "oslo"}, {"name": "rome"}]}
    lab.world.answers["GET /_panregion/answer"] = answer
    text = read(await page(lab, "/names/a.test?city=rome"))
    assert "127.0.2.1 eu-west-1 2 oslo, rome" in text
    assert f"oslo 127.0.2.1 eu-west-1 60 s {HOSTILE}" in text
    assert "Why rome is answered that 2 panregion trace --from rome http://a.test/" in text


@pytest.mark.parametrize("target", ["/zones/Z1", "/distributions/E1", "/accelerators/a"])
async def test_global_things_while_their_home_is_away(deserted: Lab, target: str) -> None:
    deserted.world.answers["GET /status"] = status(us_east_1="killed")
    deserted.world.answers["GET /_panregion/health"] = {}
    text = await page(deserted, target)
    assert "What was set up goes on at the edge" in text
    assert 'action="/actions/restore"' in text
