"""Connections and API destinations: what web servers are sent, when, and as whom."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from botocore.exceptions import ClientError

from panregion.services.events import web
from panregion.services.events.destinations import Connection
from panregion.services.events.messages import Message, filled, for_token
from panregion.world import Headers, Request, Response, serve
from panregion.world.settings import Ports
from tests.services.events.lab import FUNCTION, QUEUE, Lab, opened
from tests.services.sns.lab import eventually
from tests.support import ServedRegion

Json = dict[str, Any]

ROLE = "arn:aws:iam::000000000000:role/r"
LETTERS = {"DeadLetterConfig": {"Arn": QUEUE + "dead"}}
OAUTH = {"ClientParameters": {"ClientID": "id", "ClientSecret": "s"}, "HttpMethod": "POST"}
BASIC = {"BasicAuthParameters": {"Username": "ada", "Password": "secret"}}


@dataclass
class Server:
    """A web server that remembers what it was sent and answers as told."""

    url: str = ""
    requests: list[Request] = field(default_factory=list)
    answers: list[tuple[int, Headers]] = field(default_factory=list)
    token: Callable[[], Response] | None = None
    silent: int = 0
    """So many requests are not answered at all."""

    async def __call__(self, request: Request) -> Response:
        if request.path == "/token" and self.token is not None:
            self.requests.append(request)
            return self.token()
        self.requests.append(request)
        if self.silent:
            self.silent -= 1
            await asyncio.Event().wait()
        status, headers = self.answers.pop(0) if self.answers else (200, [])
        return Response(status, headers, b"said")

    @property
    def sent(self) -> list[Request]:
        return [request for request in self.requests if request.path != "/token"]


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    found = Server()
    running = await serve(found, "127.0.0.1", 0)
    found.url = f"http://127.0.0.1:{running.port}"
    yield found
    await running.close()


async def destination(lab: Lab, server: Server, kind: str, auth: Json, path: str = "/hook", **params: Any) -> str:
    connection = await lab.ask("CreateConnection", Name="c", AuthorizationType=kind, AuthParameters=auth)
    given = {"HttpMethod": "POST", "InvocationEndpoint": server.url + path, **params}
    arn = connection["ConnectionArn"]
    answer = await lab.ask("CreateApiDestination", Name="d", ConnectionArn=arn, **given)
    return str(answer["ApiDestinationArn"])


async def until(lab: Lab, server: Server, count: int, step_s: float = 0.1) -> None:
    async def arrived() -> bool:
        await lab.clock.advance(step_s, rounds=3)
        return len(server.sent) >= count

    await eventually(arrived)


async def test_what_a_destination_is_sent(lab: Lab, server: Server) -> None:
    invocation = {
        "HeaderParameters": [{"Key": "X-Both", "Value": "connection"}],
        "QueryStringParameters": [{"Key": "who", "Value": "us", "IsValueSecret": True}],
        "BodyParameters": [{"Key": "more", "Value": "1"}],
    }
    auth = {**BASIC, "InvocationHttpParameters": invocation}
    arn = await destination(lab, server, "BASIC", auth, "/users/*/orders/*?fixed=1")
    http = {
        "PathParameterValues": ["$.detail.user", "a b"],
        "HeaderParameters": {"X-Both": "target", "X-Kind": "$.detail-type", "Host": "never"},
        "QueryStringParameters": {"n": "$.detail.n"},
    }
    await lab.rule({"source": ["app"]}, {"Arn": arn, "RoleArn": ROLE, "HttpParameters": http, "InputPath": "$.detail"})
    await lab.put({"user": "x/y", "n": 3})
    await until(lab, server, 1)
    (request,) = server.sent
    assert (request.method, request.path) == ("POST", "/users/x%2Fy/orders/a%20b")
    assert parse_qs(request.query) == {"fixed": ["1"], "n": ["3"], "who": ["us"]}
    assert json.loads(request.body) == {"user": "x/y", "n": 3, "more": "1"}
    assert request.header("authorization") == "Basic " + base64.b64encode(b"ada:secret").decode()
    assert request.header("x-both") == "connection"
    assert request.header("x-kind") == "t"
    assert request.header("user-agent") == "Amazon/EventBridge/ApiDestinations"
    assert request.host == "127.0.0.1"
    assert request.header("content-type") == "application/json; charset=utf-8"


async def test_an_api_key(lab: Lab, server: Server) -> None:
    key = {"ApiKeyAuthParameters": {"ApiKeyName": "X-Key", "ApiKeyValue": "k"}}
    arn = await destination(lab, server, "API_KEY", key)
    await lab.rule({"source": ["app"]}, {"Arn": arn, "RoleArn": ROLE})
    await lab.put({})
    await until(lab, server, 1)
    assert server.sent[0].header("x-key") == "k"


async def test_a_token_is_fetched_kept_and_renewed(lab: Lab, server: Server) -> None:
    count = 0

    def token() -> Response:
        nonlocal count
        count += 1
        return Response(200, [], json.dumps({"access_token": f"t{count}", "expires_in": 3600}).encode())

    server.token = token
    body = {"BodyParameters": [{"Key": "grant_type", "Value": "client_credentials"}]}
    oauth = {**OAUTH, "AuthorizationEndpoint": server.url + "/token", "OAuthHttpParameters": body}
    arn = await destination(lab, server, "OAUTH_CLIENT_CREDENTIALS", {"OAuthParameters": oauth})
    await lab.rule({"source": ["app"]}, {"Arn": arn, "RoleArn": ROLE})
    await lab.put({})
    await until(lab, server, 1)
    asked = server.requests[0]
    assert parse_qs(asked.body.decode()) == {
        "grant_type": ["client_credentials"],
        "client_id": ["id"],
        "client_secret": ["s"],
    }
    described = await lab.ask("DescribeConnection", Name="c")
    assert described["ConnectionState"] == "AUTHORIZED"
    server.answers = [(200, []), (401, [])]
    await lab.put({})
    await until(lab, server, 2)
    await lab.put({})  # is told that the token is no good, and comes again with another one
    await until(lab, server, 4, 1)
    await lab.clock.advance(3600)
    await lab.put({})
    await until(lab, server, 5)
    headers = [request.header("authorization") for request in server.sent]
    first = headers[0]
    assert headers[:3] == [first] * 3
    assert len(set(headers)) == 3


async def test_a_connection_that_is_not_authorized_says_why(lab: Lab, server: Server) -> None:
    server.token = lambda: Response(403, [], b"who are you")
    oauth = {**OAUTH, "AuthorizationEndpoint": server.url + "/token"}
    created = await lab.ask(
        "CreateConnection",
        Name="c",
        AuthorizationType="OAUTH_CLIENT_CREDENTIALS",
        AuthParameters={"OAuthParameters": oauth},
    )
    assert created["ConnectionState"] == "AUTHORIZING"

    async def decided() -> bool:
        await lab.clock.advance(0.1, rounds=3)
        return bool((await lab.ask("DescribeConnection", Name="c"))["ConnectionState"] == "DEAUTHORIZED")

    await eventually(decided)
    assert "answered 403: who are you" in (await lab.ask("DescribeConnection", Name="c"))["StateReason"]


async def test_what_is_tried_again_and_what_is_not(lab: Lab, server: Server) -> None:
    dead = await lab.queue("dead")
    arn = await destination(lab, server, "BASIC", BASIC)
    policy = {"RetryPolicy": {"MaximumRetryAttempts": 3, "MaximumEventAgeInSeconds": 3600}}
    await lab.rule({"source": ["app"]}, {"Arn": arn, "RoleArn": ROLE, **LETTERS, **policy})
    server.answers = [(429, [("Retry-After", "60")]), (500, []), (409, []), (503, [])]
    await lab.put({"n": 1})
    await until(lab, server, 1)
    for _ in range(50):
        await lab.after(1)
    assert len(server.sent) == 1  # it asked for a minute
    await until(lab, server, 4, 5)

    async def buried() -> bool:
        await lab.clock.advance(1, rounds=3)
        letters.extend(await lab.received(dead))
        return bool(letters)

    letters: list[Json] = []
    await eventually(buried)
    assert letters[0]["MessageAttributes"]["RETRY_ATTEMPTS"]["StringValue"] == "3"
    server.answers = [(404, [])]
    letters.clear()
    await lab.put({"n": 2})
    await eventually(buried)
    said = letters[0]["MessageAttributes"]
    assert (said["RETRY_ATTEMPTS"]["StringValue"], len(server.sent)) == ("0", 5)
    assert said["ERROR_CODE"]["StringValue"] == "SDK_CLIENT_ERROR"
    assert said["ERROR_MESSAGE"]["StringValue"] == "d answered 404: said"


async def test_an_answer_that_does_not_come_in_time_is_tried_again(
    lab: Lab, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web, "TIMEOUT_S", 0.05)
    server.silent = 1
    arn = await destination(lab, server, "BASIC", BASIC)
    await lab.rule({"source": ["app"]}, {"Arn": arn, "RoleArn": ROLE, **LETTERS})
    await lab.put({"n": 1})
    await until(lab, server, 2)
    assert len({request.body for request in server.sent}) == 1


async def test_a_server_that_does_not_answer_holds_up_nobody_else(lab: Lab, server: Server) -> None:
    server.silent = 1000
    arn = await destination(lab, server, "BASIC", BASIC)
    await lab.rule({"detail": {"to": ["server"]}}, {"Arn": arn, "RoleArn": ROLE})
    await lab.rule({"detail": {"to": ["function"]}}, {"Arn": FUNCTION}, name="f")
    for _ in range(100):
        await lab.put({"to": "server"})
    await until(lab, server, 16)
    await lab.put({"to": "function"})

    async def invoked() -> bool:
        await lab.clock.advance(0.1, rounds=3)
        return len(lab.invoked) == 1

    await eventually(invoked)
    assert len(server.sent) == 16


def token_request(method: str, **http: Any) -> Message:
    oauth = {
        **OAUTH,
        "HttpMethod": method,
        "AuthorizationEndpoint": "https://h.test/t?a=1",
        "OAuthHttpParameters": http,
    }
    connection = Connection(
        name="c",
        id="i",
        kind="OAUTH_CLIENT_CREDENTIALS",
        auth={"OAuthParameters": oauth},
        created_s=0.0,
        modified_s=0.0,
        state="AUTHORIZING",
    )
    return for_token(connection)


def test_how_a_token_is_asked_for() -> None:
    grant = [{"Key": "grant_type", "Value": "client_credentials"}]
    form = token_request("POST", BodyParameters=grant)
    assert (form.whole_url, parse_qs(form.body.decode())) == (
        "https://h.test/t?a=1",
        {"grant_type": ["client_credentials"], "client_id": ["id"], "client_secret": ["s"]},
    )
    headers = [{"Key": "content-type", "Value": "application/json"}, {"Key": "X-Mine", "Value": "1"}]
    whole = token_request("PUT", BodyParameters=grant, HeaderParameters=headers)
    assert json.loads(whole.body) == {"grant_type": "client_credentials", "client_id": "id", "client_secret": "s"}
    assert whole.headers["X-Mine"] == "1"
    query = token_request("GET", QueryStringParameters=[{"Key": "scope", "Value": "all"}])
    assert query.body == b""
    assert query.whole_url == "https://h.test/t?a=1&scope=all&client_id=id&client_secret=s"


async def test_a_destination_is_sent_no_more_than_its_rate(lab: Lab, server: Server) -> None:
    arn = await destination(lab, server, "BASIC", BASIC, InvocationRateLimitPerSecond=2)
    await lab.rule({"source": ["app"]}, {"Arn": arn, "RoleArn": ROLE, "InputPath": "$.detail.n"})
    for number in range(8):
        await lab.put({"n": number})
    times: list[float] = []
    started = lab.clock.now()

    async def all_arrived() -> bool:
        await lab.clock.advance(0.05, rounds=3)
        times.extend([lab.clock.now() - started] * (len(server.sent) - len(times)))
        return len(times) == 8

    await eventually(all_arrived)
    assert times[-1] >= 3
    assert {request.body for request in server.sent} == {str(number).encode() for number in range(8)}


async def test_a_rest_api_as_a_target(tmp_path: Path) -> None:
    server = Server()
    running = await serve(server, "127.0.1.1", 0)
    api = "arn:aws:execute-api:us-east-1:000000000000:abc123/prod/POST/orders/*"
    http = {"PathParameterValues": ["$.detail.n"], "QueryStringParameters": {"q": "1"}}
    async with opened(tmp_path, ports=Ports(gateway=running.port)) as lab:
        await lab.rule({"source": ["app"]}, {"Arn": api, "HttpParameters": http, "InputPath": "$.detail"})
        await lab.put({"n": 7})
        await until(lab, server, 1)
    (request,) = server.sent
    assert (request.method, request.target) == ("POST", "/prod/orders/7?q=1")
    assert request.host == "abc123.execute-api.us-east-1.amazonaws.com"
    assert json.loads(request.body) == {"n": 7}
    await running.close()


@pytest.mark.parametrize(
    ("url", "values", "expected"),
    [
        ("http://h/*", ["a"], "http://h/a"),
        ("http://h/*/b/*", ["a", "c/d"], "http://h/a/b/c%2Fd"),
        ("http://h/*", [], "http://h/*"),
        ("http://h/a", ["b"], "http://h/a"),
    ],
)
def test_wildcards_in_urls(url: str, values: list[str], expected: str) -> None:
    assert filled(url, values) == expected


# Through boto3


@pytest.fixture(scope="module")
def events(served: ServedRegion) -> Any:
    return served.client("events")


def refused(call: Any, **params: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as raised:
        call(**params)
    error = raised.value.response["Error"]
    return error["Code"], error["Message"]


def test_a_connections_life(events: Any) -> None:
    hidden = {"HeaderParameters": [{"Key": "a", "Value": "b", "IsValueSecret": True}, {"Key": "c", "Value": "d"}]}
    auth = {**BASIC, "InvocationHttpParameters": hidden}
    given = {"Name": "life", "AuthorizationType": "BASIC", "AuthParameters": auth}
    answer = events.create_connection(**given, Description="x")
    assert answer["ConnectionState"] == "AUTHORIZED"
    assert refused(events.create_connection, **given) == (
        "ResourceAlreadyExistsException",
        "Connection life already exists.",
    )
    described = events.describe_connection(Name="life")
    assert described["AuthParameters"] == {
        "BasicAuthParameters": {"Username": "ada"},
        "InvocationHttpParameters": {
            "HeaderParameters": [{"Key": "a", "IsValueSecret": True}, {"Key": "c", "Value": "d"}]
        },
    }
    assert described["SecretArn"].startswith(
        "arn:aws:secretsmanager:us-east-1:000000000000:secret:events!connection/life/"
    )
    key = {"ApiKeyAuthParameters": {"ApiKeyName": "k", "ApiKeyValue": "v"}}
    events.update_connection(Name="life", AuthorizationType="API_KEY", AuthParameters=key)
    changed = events.describe_connection(Name="life")
    assert changed["AuthParameters"]["ApiKeyAuthParameters"] == {"ApiKeyName": "k"}
    assert "BasicAuthParameters" not in changed["AuthParameters"]
    assert [one["Name"] for one in events.list_connections(NamePrefix="life")["Connections"]] == ["life"]
    assert events.deauthorize_connection(Name="life")["ConnectionState"] == "DEAUTHORIZING"
    assert events.describe_connection(Name="life")["ConnectionState"] == "DEAUTHORIZED"
    assert refused(events.update_connection, Name="life", Description="y")[0] == "ValidationException"
    assert events.delete_connection(Name="life")["ConnectionArn"] == answer["ConnectionArn"]
    for call in (events.describe_connection, events.delete_connection, events.deauthorize_connection):
        assert refused(call, Name="life") == ("ResourceNotFoundException", "Connection 'life' does not exist.")


@pytest.mark.parametrize(
    ("kind", "auth", "code"),
    [
        ("API_KEY", BASIC, "ValidationException"),
        ("BASIC", {}, "ValidationException"),
        ("BASIC", {**BASIC, "ApiKeyAuthParameters": {"ApiKeyName": "k", "ApiKeyValue": "v"}}, "ValidationException"),
        ("NONE", BASIC, "ValidationException"),
    ],
)
def test_connections_that_cannot_be(events: Any, kind: str, auth: Json, code: str) -> None:
    assert refused(events.create_connection, Name="never", AuthorizationType=kind, AuthParameters=auth)[0] == code


def test_a_destinations_life(events: Any) -> None:
    connection = events.create_connection(Name="of-d", AuthorizationType="BASIC", AuthParameters=BASIC)
    given = {
        "Name": "d",
        "ConnectionArn": connection["ConnectionArn"],
        "InvocationEndpoint": "https://h.test/*",
        "HttpMethod": "PUT",
    }
    arn = events.create_api_destination(**given)["ApiDestinationArn"]
    assert refused(events.create_api_destination, **given)[0] == "ResourceAlreadyExistsException"
    described = events.describe_api_destination(Name="d")
    assert {name: described[name] for name in given} == given
    assert (described["ApiDestinationState"], described["InvocationRateLimitPerSecond"]) == ("ACTIVE", 300)
    events.update_api_destination(Name="d", HttpMethod="POST", InvocationRateLimitPerSecond=5)
    (listed,) = events.list_api_destinations(ConnectionArn=connection["ConnectionArn"])["ApiDestinations"]
    assert (listed["HttpMethod"], listed["InvocationRateLimitPerSecond"]) == ("POST", 5)
    events.put_rule(Name="to-d", EventPattern='{"source": ["nobody"]}')
    target = {"Id": "1", "Arn": arn}
    assert refused(events.put_targets, Rule="to-d", Targets=[target]) == (
        "ValidationException",
        f"RoleArn is required for target {arn}.",
    )
    assert events.put_targets(Rule="to-d", Targets=[{**target, "RoleArn": ROLE}])["FailedEntryCount"] == 0
    events.deauthorize_connection(Name="of-d")
    assert events.describe_api_destination(Name="d")["ApiDestinationState"] == "INACTIVE"
    events.delete_api_destination(Name="d")
    for call in (events.describe_api_destination, events.delete_api_destination, events.update_api_destination):
        assert refused(call, Name="d") == ("ResourceNotFoundException", "An api-destination 'd' does not exist.")
    gone = {"Rule": "to-d", "Targets": [{**target, "RoleArn": ROLE}]}
    assert refused(events.put_targets, **gone)[0] == "ResourceNotFoundException"
    unknown = {**given, "ConnectionArn": given["ConnectionArn"].replace("of-d", "none")}
    assert refused(events.create_api_destination, **unknown) == (
        "ResourceNotFoundException",
        "Connection 'none' does not exist.",
    )
    for url in ("ftp://h/", "https://*.test/", "nowhere"):
        wrong = {**given, "InvocationEndpoint": url}
        assert refused(events.create_api_destination, **wrong)[0] == "ValidationException"
    events.delete_connection(Name="of-d")


def test_a_state_machine_is_refused_by_name_until_there_are_any(events: Any) -> None:
    events.put_rule(Name="machine", EventPattern='{"source": ["nobody"]}')
    arn = "arn:aws:states:us-east-1:000000000000:stateMachine:m"
    code, message = refused(events.put_targets, Rule="machine", Targets=[{"Id": "1", "Arn": arn, "RoleArn": ROLE}])
    assert (code, "stepfunctions" in message) == ("NotImplemented", True)
