"""The query protocol and its sister EC2."""

from typing import Any

import pytest

from panregion.wire import AwsError, parse, serialize_error, serialize_output
from panregion.wire.query import tree
from panregion.world import Request

FORM = [("Content-Type", "application/x-www-form-urlencoded")]


def asked(service: str, body: str, query: str = "") -> tuple[str, dict[str, Any]]:
    call = parse(Request("POST", "/", query, list(FORM), body.encode()), service)
    return call.operation, call.params


def test_a_tree_of_names() -> None:
    assert tree({"A.1.B": "x", "A.2.B": "y", "C": ""}) == {"A": {"1": {"B": "x"}, "2": {"B": "y"}}, "C": ""}
    assert tree({"A": "own", "A.1": "x"}) == {"A": {"": "own", "1": "x"}}
    assert tree({"A.1": "x", "A": "own"}) == {"A": {"1": "x", "": "own"}}


def test_lists_are_in_order_of_their_numbers() -> None:
    names = "&".join(f"Tags.member.{index}.Key=k{index}&Tags.member.{index}.Value=v" for index in (10, 2, 1))
    keys = [tag["Key"] for tag in asked("sns", f"Action=TagResource&ResourceArn=a&{names}")[1]["Tags"]]
    assert keys == ["k1", "k2", "k10"]


def test_maps() -> None:
    body = "Action=CreateTopic&Name=t&Attributes.entry.1.key=FifoTopic&Attributes.entry.1.value=true"
    assert asked("sns", body) == ("CreateTopic", {"Name": "t", "Attributes": {"FifoTopic": "true"}})


def test_an_empty_list() -> None:
    assert asked("cloudformation", "Action=UpdateStack&StackName=s&Tags=")[1] == {"StackName": "s", "Tags": []}


def test_ec2s_lists_are_flat() -> None:
    body = "Action=DescribeInstances&Filter.1.Name=vpc-id&Filter.1.Value.1=a&Filter.1.Value.2=b&MaxResults=5"
    filters = [{"Name": "vpc-id", "Values": ["a", "b"]}]
    assert asked("ec2", body) == ("DescribeInstances", {"Filters": filters, "MaxResults": 5})


def test_an_action_may_come_by_the_query_string() -> None:
    call = parse(Request("GET", "/", "Action=GetCallerIdentity&Version=2011-06-15"), "sts")
    assert call.operation == "GetCallerIdentity"


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("Version=2011-06-15", "UnknownOperationException"),
        ("Action=Nonsense", "InvalidAction: The action Nonsense is not valid for this web service."),
        (
            "Action=GetSessionToken&DurationSeconds=soon",
            "SerializationException: 'soon' cannot be converted to Integer",
        ),
        ("Action=GetSessionToken&DurationSeconds.1=1", "SerializationException"),
        ("&".join(f"f{number}=" for number in range(20_001)), "SerializationException"),
    ],
)
def test_what_cannot_be_read(body: str, error: str) -> None:
    with pytest.raises(AwsError, match=error):
        asked("sts", body)


def test_a_result() -> None:
    body = serialize_output("sts", "GetCallerIdentity", {"Account": "1&2"}, "id").body
    assert body == (
        b'<?xml version="1.0" encoding="UTF-8"?>\n'
        b'<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'
        b"<GetCallerIdentityResult><Account>1&amp;2</Account></GetCallerIdentityResult>"
        b"<ResponseMetadata><RequestId>id</RequestId></ResponseMetadata></GetCallerIdentityResponse>"
    )


def test_an_error_has_the_code_that_the_model_gives_it() -> None:
    response = serialize_error("sns", AwsError.of("InvalidParameterException", "bad <name>"), "id")
    assert isinstance(response.body, bytes)
    assert b"<Type>Sender</Type><Code>InvalidParameter</Code><Message>bad &lt;name&gt;</Message>" in response.body
    ec2 = serialize_error("ec2", AwsError.of("InvalidVpcID.NotFound", "no vpc"), "id").body
    assert ec2 == (
        b'<?xml version="1.0" encoding="UTF-8"?>\n'
        b"<Response><Errors><Error><Code>InvalidVpcID.NotFound</Code><Message>no vpc</Message></Error></Errors>"
        b"<RequestID>id</RequestID></Response>"
    )


@pytest.mark.parametrize("protocol", ["query", "json", "smithy-rpc-v2-cbor"])
def test_cloudwatch_answers_in_the_protocol_of_the_call(protocol: str) -> None:
    headers = dict(serialize_output("cloudwatch", "ListMetrics", {"Metrics": []}, "id", protocol).headers)
    types = {"query": "text/xml", "json": "application/x-amz-json-1.0", "smithy-rpc-v2-cbor": "application/cbor"}
    assert headers["Content-Type"] == types[protocol]
