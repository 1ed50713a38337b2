"""The data plane: real requests to load balancers' own addresses."""

import json
import socket
import ssl
from typing import Any

import pytest

from panregion.world.tls import trusting
from tests.services.elbv2.conftest import FIXED, Front, fixed
from tests.services.elbv2.talk import Told, ask, until

ECHO = """
import json
def handler(event, context):
    return {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": json.dumps(event)}
"""
MULTI = """
import json
def handler(event, context):
    return {"statusCode": 201, "multiValueHeaders": {"Content-Type": ["text/plain"], "X-Two": ["a", "b"]},
            "body": json.dumps(event)}
"""
KINDS = """
import time
def handler(event, context):
    path = event["path"]
    if path == "/raise":
        raise ValueError("no")
    if path == "/text":
        return "just text"
    if path == "/status":
        return {"statusCode": "many"}
    if path == "/large":
        return {"statusCode": 200, "body": "x" * 1100000}
    if path == "/binary":
        kind = {"Content-Type": "image/png"}
        return {"statusCode": 200, "headers": kind, "body": "iVBORw==", "isBase64Encoded": True}
    return {"statusCode": 204}
"""


def forward(group: str) -> dict[str, Any]:
    return {"Type": "forward", "TargetGroupArn": group}


def get(front: Front, target: str = "/", **more: Any) -> Told:
    return ask(front.address, front.port, target, **more)


def answers(front: Front, target: str = "/") -> None:
    until(lambda: get(front, target).status > 0)


def test_a_function_is_given_the_event_that_aws_documents(front: Front) -> None:
    group = front.group("echo")
    front.function("echo", ECHO, group)
    front.listen(forward(group))
    answers(front)
    told = get(front, "/a%20b?x=1&x=%32&y", headers={"Host": "Shop.test", "X-Two": "b", "Cookie": "c=1"})
    assert told.status == 200
    assert told.header("server") == "awselb/2.0"
    event = json.loads(told.body)
    assert event["requestContext"] == {"elb": {"targetGroupArn": group}}
    assert (event["httpMethod"], event["path"]) == ("GET", "/a%20b")
    assert event["queryStringParameters"] == {"x": "%32", "y": ""}
    headers = event["headers"]
    assert headers["host"] == "Shop.test"
    assert headers["x-forwarded-for"] == "127.0.0.1"
    assert (headers["x-forwarded-proto"], headers["x-forwarded-port"]) == ("http", "80")
    assert headers["x-amzn-trace-id"].startswith("Root=1-")
    assert (event["body"], event["isBase64Encoded"]) == ("", False)


def test_bodies_are_text_or_base64_by_their_type(front: Front) -> None:
    group = front.group("bodies")
    front.function("bodies", ECHO, group)
    front.listen(forward(group))
    answers(front)
    told = json.loads(get(front, method="POST", body=b"{}", headers={"Content-Type": "application/json"}).body)
    assert (told["body"], told["isBase64Encoded"]) == ("{}", False)
    told = json.loads(get(front, method="POST", body=b"\x00\xff", headers={"Content-Type": "image/png"}).body)
    assert (told["body"], told["isBase64Encoded"]) == ("AP8=", True)
    zipped = {"Content-Type": "text/plain", "Content-Encoding": "gzip"}
    assert json.loads(get(front, method="POST", body=b"a", headers=zipped).body)["isBase64Encoded"] is True
    assert get(front, method="POST", body=b"x" * (1024 * 1024 + 1)).status == 413


def test_multi_value_headers_count_alone_both_ways(front: Front) -> None:
    group = front.group("multi")
    front.elbv2.modify_target_group_attributes(
        TargetGroupArn=group, Attributes=[{"Key": "lambda.multi_value_headers.enabled", "Value": "true"}]
    )
    front.function("multi", MULTI, group)
    front.listen(forward(group))
    answers(front)
    told = get(front, "/?x=1&x=2")
    assert (told.status, told.all("x-two")) == (201, ["a", "b"])
    event = json.loads(told.body)
    assert event["multiValueQueryStringParameters"] == {"x": ["1", "2"]}
    assert "headers" not in event
    assert event["multiValueHeaders"]["x-forwarded-port"] == ["80"]


@pytest.mark.parametrize(("path", "status"), [("/raise", 502), ("/text", 502), ("/status", 502), ("/large", 502)])
def test_what_a_function_does_wrong_is_a_bad_gateway(kinds: Front, path: str, status: int) -> None:
    told = get(kinds, path)
    assert told.status == status
    assert b"<h1>502 Bad Gateway</h1>" in told.body


def test_a_function_may_answer_in_base64_and_without_a_body(kinds: Front) -> None:
    assert get(kinds, "/binary").body == b"\x89PNG"
    assert get(kinds, "/nothing").status == 204
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket"}
    assert get(kinds, "/nothing", headers=upgrade).status == 400
    assert get(kinds, "/nothing", method="TRACE").status == 405
    assert get(kinds, f"/{'x' * 17000}").status == 414


@pytest.fixture
def kinds(front: Front) -> Front:
    group = front.group(f"kinds-{front.balancer['LoadBalancerName']}")
    front.function(f"kinds-{front.balancer['LoadBalancerName']}", KINDS, group)
    front.listen(forward(group))
    answers(front)
    return front


def test_rules_decide_in_the_order_of_their_priorities(front: Front) -> None:
    listener = front.listen(fixed("nothing else", "404"))
    conditions: list[tuple[int, dict[str, Any]]] = [
        (10, {"Field": "path-pattern", "Values": ["/v1/*"]}),
        (20, {"Field": "host-header", "HostHeaderConfig": {"Values": ["*.Example.com"]}}),
        (30, {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "X-Kind", "Values": ["b?g"]}}),
        (40, {"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["DELETE"]}}),
        (50, {"Field": "query-string", "QueryStringConfig": {"Values": [{"Key": "v", "Value": "2*"}]}}),
        (60, {"Field": "source-ip", "SourceIpConfig": {"Values": ["198.18.5.0/24"]}}),
    ]
    for priority, condition in conditions:
        front.elbv2.create_rule(
            ListenerArn=listener, Priority=priority, Conditions=[condition], Actions=[fixed(condition["Field"])]
        )
    until(lambda: get(front, headers={"x-panregion-client": "198.18.5.10"}).body == b"source-ip")
    assert get(front, "/v1/a", headers={"Host": "a.example.com"}).body == b"path-pattern"
    assert get(front, "/V1/a").status == 404
    assert get(front, headers={"Host": "A.EXAMPLE.com:80"}).body == b"host-header"
    assert get(front, headers={"X-Kind": "BIG"}).body == b"http-header"
    assert get(front, method="DELETE").body == b"http-request-method"
    assert get(front, "/?a=1&V=21").body == b"query-string"
    assert get(front, "/?v=3").body == b"nothing else"


def test_redirects_fill_in_what_was_asked_for(front: Front) -> None:
    config = {"Protocol": "HTTPS", "Port": "443", "Path": "/new/#{path}", "StatusCode": "HTTP_301"}
    front.listen({"Type": "redirect", "RedirectConfig": config})
    answers(front)
    told = get(front, "/a/b?c=d", headers={"Host": "x.test"})
    assert (told.status, told.header("location")) == (301, "https://x.test:443/new/a/b?c=d")


def test_without_targets_the_service_is_unavailable(front: Front) -> None:
    front.listen(forward(front.group("empty")))
    answers(front)
    assert get(front).status == 503


def test_weights_and_stickiness(front: Front) -> None:
    groups = [front.group(f"weighted-{n}") for n in range(2)]
    for number, group in enumerate(groups):
        source = f"def handler(event, context):\n    return {{'statusCode': 200, 'body': '{number}'}}\n"
        front.function(f"weighted-{number}", source, group)
    config = {
        "TargetGroups": [
            {"TargetGroupArn": group, "Weight": weight} for group, weight in zip(groups, (1, 3), strict=True)
        ],
        "TargetGroupStickinessConfig": {"Enabled": True, "DurationSeconds": 60},
    }
    front.listen({"Type": "forward", "ForwardConfig": config})
    answers(front)
    told = [get(front) for _ in range(40)]
    counts = [sum(each.body == str(n).encode() for each in told) for n in range(2)]
    assert counts[1] > counts[0] > 0
    first = told[0]
    cookie = next(value for value in first.all("set-cookie") if value.startswith("AWSALBTG=")).split(";")[0]
    assert {get(front, headers={"Cookie": cookie}).body for _ in range(10)} == {first.body}


def test_https_with_certificates_by_name(front: Front) -> None:
    acm = front.served.client("acm")
    first, second = (acm.request_certificate(DomainName=name)["CertificateArn"] for name in ("a.test", "*.b.test"))
    listener = front.listen(
        FIXED,
        443,
        Protocol="HTTPS",
        Certificates=[{"CertificateArn": first}],
        SslPolicy="ELBSecurityPolicy-TLS13-1-2-2021-06",
    )
    front.elbv2.add_listener_certificates(ListenerArn=listener, Certificates=[{"CertificateArn": second}])
    settings = front.served.region.settings
    context = trusting(settings.path)

    def wrapped(name: str, tls: ssl.SSLContext) -> str:
        return _handshake(front.address, settings.ports.tls, name, tls)

    until(lambda: wrapped("x.b.test", context) == "TLSv1.3")
    assert wrapped("a.test", context) == "TLSv1.3"
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    assert wrapped("a.test", context) == "TLSv1.2"
    with pytest.raises(ssl.SSLCertVerificationError):
        wrapped("c.test", context)
    assert acm.describe_certificate(CertificateArn=second)["Certificate"]["InUseBy"] == [front.arn]


def _handshake(address: str, port: int, name: str, context: ssl.SSLContext) -> str:
    with (
        socket.create_connection((address, port), 10) as plain,
        context.wrap_socket(plain, server_hostname=name) as tls,
    ):
        tls.sendall(f"GET / HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n".encode())
        assert tls.recv(100).startswith(b"HTTP/1.1 200 OK")
        return str(tls.version())
