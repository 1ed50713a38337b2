"""What AWS's own clients, users and other services see of a region with faults; and nothing once they are over."""

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import Any

import botocore.exceptions
import msgspec
import pytest

from panregion.region.faults.keeper import CannotHave
from panregion.region.faults.model import (
    ClockSkew,
    DiskFull,
    ReplicationPause,
    ServiceError,
    ServiceSlow,
    ServiceThrottle,
    StoreSyncFailure,
    Within,
)
from panregion.store import SqliteEngine
from panregion.wire import AwsError
from panregion.world import HttpClient, direct_dial
from tests.support import REGION, ServedRegion


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedRegion]:
    """A region of its own, on disk: faults in the shared one would meet other tests."""
    folder = tmp_path_factory.mktemp("faulty")
    served = ServedRegion(folder, engine=SqliteEngine(folder / REGION / "state.db"))
    served.client("s3").create_bucket(Bucket="faulty")
    yield served
    served.close()


@pytest.fixture
def have(served: ServedRegion) -> Iterator[Callable[..., None]]:
    """Have the region have exactly these faults; none any more once the test is over."""

    async def tell(faults: list[Within]) -> int:
        client = HttpClient(direct_dial)
        response = await client.send(
            "POST", f"{served.endpoint}/_panregion/faults", [], msgspec.json.encode(faults), timeout_s=5
        )
        await client.close()
        return response.status

    def set_them(*faults: Within) -> None:
        assert asyncio.run(tell(list(faults))) == 200

    yield set_them
    set_them()


CALLS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "dynamodb": ("dynamodb", "list_tables", {}),
    "s3": ("s3", "list_objects_v2", {"Bucket": "faulty"}),
    "sqs": ("sqs", "list_queues", {}),
    "sns": ("sns", "list_topics", {}),
    "lambda": ("lambda", "list_functions", {}),
    "events": ("events", "list_rules", {}),
    "cloudformation": ("cloudformation", "list_stacks", {}),
    "ssm": ("ssm", "describe_parameters", {}),
    "ec2": ("ec2", "describe_regions", {}),
    "iam": ("iam", "list_roles", {}),
    "cloudwatch": ("cloudwatch", "describe_alarms", {}),
    "route53": ("route53", "list_hosted_zones", {}),
    "apigatewayv2": ("apigatewayv2", "get_apis", {}),
}


def failure(served: ServedRegion, service: str, operation: str, **params: Any) -> tuple[int, str, str]:
    with pytest.raises(botocore.exceptions.ClientError) as raised:
        getattr(served.client(service), operation)(**params)
    answer = raised.value.response
    return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"], answer["Error"]["Message"]


@pytest.mark.parametrize(
    ("service", "status", "code"),
    [
        ("dynamodb", 400, "ProvisionedThroughputExceededException"),
        ("s3", 503, "SlowDown"),
        ("sqs", 403, "RequestThrottled"),
        ("sns", 429, "Throttled"),
        ("lambda", 429, "TooManyRequestsException"),
        ("events", 400, "ThrottlingException"),
        ("cloudformation", 400, "Throttling"),
        ("ssm", 400, "ThrottlingException"),
        ("ec2", 503, "RequestLimitExceeded"),
        ("iam", 400, "Throttling"),
        ("cloudwatch", 400, "Throttling"),
        ("route53", 400, "ThrottlingException"),
        ("apigatewayv2", 429, "TooManyRequestsException"),
    ],
)
def test_throttling_as_boto3_sees_it(
    served: ServedRegion, have: Callable[..., None], service: str, status: int, code: str
) -> None:
    name, operation, params = CALLS[service]
    have(ServiceThrottle(region=REGION, service=service))
    assert failure(served, name, operation, **params)[:2] == (status, code)
    have()
    getattr(served.client(name), operation)(**params)


@pytest.mark.parametrize("service", CALLS)
def test_errors_as_boto3_sees_them(served: ServedRegion, have: Callable[..., None], service: str) -> None:
    name, operation, params = CALLS[service]
    have(ServiceError(region=REGION, service="*", share=1.0))
    assert failure(served, name, operation, **params)[0] == 500
    have(ServiceError(region=REGION, service=service, status=418, code="Teapot", message="short and stout"))
    assert failure(served, name, operation, **params) == (418, "Teapot", "short and stout")


def test_a_known_way_is_left_while_there_are_faults(served: ServedRegion, have: Callable[..., None]) -> None:
    tables = served.client("dynamodb")
    for _ in range(3):
        tables.list_tables()  # from the second on, the gateway knows such requests by their headers
    have(ServiceError(region=REGION, service="dynamodb", operations=("ListTables",)))
    with pytest.raises(tables.exceptions.InternalServerError, match="Internal server error"):
        tables.list_tables()
    have()
    tables.list_tables()


def test_services_among_themselves_feel_it_too(served: ServedRegion, have: Callable[..., None]) -> None:
    have(ServiceThrottle(region=REGION, service="sqs", operations=("ListQueues",)))
    with pytest.raises(AwsError, match="RequestThrottled: The request was denied due to request throttling"):
        served.run(served.region.ask("sqs", "ListQueues"))

    async def within() -> None:
        await served.region.here.transact(lambda here: here.call("sqs", "ListQueues", {}))

    with pytest.raises(AwsError, match="RequestThrottled"):
        served.run(within())
    have()
    served.run(within())


def test_a_slow_service_is_slow_for_as_long_as_asked(served: ServedRegion, have: Callable[..., None]) -> None:
    have(ServiceSlow(region=REGION, service="sqs", delay_ms=150))
    began = time.monotonic()
    served.client("sqs").list_queues()
    assert 0.15 <= time.monotonic() - began < 2


@pytest.mark.parametrize("fault", [DiskFull(region=REGION), StoreSyncFailure(region=REGION)])
def test_a_disk_in_trouble_refuses_and_keeps_what_was_there(
    served: ServedRegion, have: Callable[..., None], fault: Within
) -> None:
    bucket = served.client("s3")
    bucket.put_object(Bucket="faulty", Key="before", Body=b"kept")
    have(fault)
    assert failure(served, "s3", "put_object", Bucket="faulty", Key="during", Body=b"x" * 10_000)[0] == 500
    assert failure(served, "sqs", "create_queue", QueueName="none")[0] == 500
    assert bucket.get_object(Bucket="faulty", Key="before")["Body"].read() == b"kept"
    have()
    assert [found["Key"] for found in bucket.list_objects_v2(Bucket="faulty")["Contents"]] == ["before"]
    bucket.put_object(Bucket="faulty", Key="after", Body=b"x" * 10_000)
    bucket.delete_object(Bucket="faulty", Key="after")


def test_a_disk_has_so_much_room_yet(served: ServedRegion, have: Callable[..., None]) -> None:
    bucket = served.client("s3")
    have(DiskFull(region=REGION, free_bytes=50_000))
    bucket.put_object(Bucket="faulty", Key="fits", Body=b"x" * 10_000)
    have(DiskFull(region=REGION, free_bytes=50_000), ServiceSlow(region=REGION, service="sqs", delay_ms=1))
    bucket.put_object(Bucket="faulty", Key="fits too", Body=b"x" * 10_000)
    assert failure(served, "s3", "put_object", Bucket="faulty", Key="not", Body=b"x" * 40_000)[0] == 500
    have()
    for key in ("fits", "fits too"):
        bucket.delete_object(Bucket="faulty", Key=key)


def test_users_of_a_website_are_told_as_users_are(served: ServedRegion, have: Callable[..., None]) -> None:
    bucket = served.client("s3")
    bucket.put_bucket_website(Bucket="faulty", WebsiteConfiguration={"IndexDocument": {"Suffix": "index.html"}})
    bucket.put_object(Bucket="faulty", Key="index.html", Body=b"welcome")
    bucket.put_bucket_policy(
        Bucket="faulty",
        Policy='{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", '
        '"Action": "s3:GetObject", "Resource": "arn:aws:s3:::faulty/*"}]}',
    )

    async def visit() -> tuple[int, bytes]:
        client = HttpClient(direct_dial)
        host = f"faulty.s3-website-{REGION}.amazonaws.com"
        response = await client.send("GET", served.endpoint + "/", [("Host", host)], timeout_s=5)
        await client.close()
        assert isinstance(response.body, bytes)
        return response.status, response.body

    assert asyncio.run(visit()) == (200, b"welcome")
    have(ServiceThrottle(region=REGION, service="s3", operations=("plane",)))
    status, page = asyncio.run(visit())
    assert (status, b"<h1>503 Slow Down</h1>" in page) == (503, True)
    bucket.list_objects_v2(Bucket="faulty")
    have()
    assert asyncio.run(visit())[0] == 200


@pytest.mark.parametrize(
    ("told", "why"),
    [
        (b"nonsense", "malformed"),
        (b'[{"kind": "none", "region": "a"}]', "Invalid value 'none'"),
        (msgspec.json.encode([ReplicationPause(region=REGION, table="none")]), "has no replicated table none"),
        (msgspec.json.encode([ClockSkew(region=REGION, skew_s=1)]), "whose clock cannot be wrong"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_changes(
    served: ServedRegion, have: Callable[..., None], told: bytes, why: str
) -> None:
    have(ServiceSlow(region=REGION, service="sqs", delay_ms=1))
    with pytest.raises(CannotHave, match=why):
        served.run(served.region.faults.set(told))
    assert [fault.kind for fault in map(_kind, served.region.faults.live)] == ["service-slow"]


class _Kind(msgspec.Struct):
    kind: str


def _kind(fault: Within) -> _Kind:
    return msgspec.json.decode(msgspec.json.encode(fault), type=_Kind)
