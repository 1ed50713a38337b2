"""Parameters against the model, in AWS's words."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panregion.wire import AwsError, check
from panregion.wire.model import service_model
from panregion.wire.shape_errors import explain
from panregion.wire.shapes import predicate

ITEM = {"id": {"S": "1"}}


def told(service: str, operation: str, params: dict[str, Any]) -> str:
    with pytest.raises(AwsError) as caught:
        check(service, operation, params)
    return str(caught.value)


def test_what_is_right_passes() -> None:
    check("dynamodb", "PutItem", {"TableName": "t", "Item": ITEM, "ReturnValues": "NONE"})
    check(
        "logs",
        "PutLogEvents",
        {"logGroupName": "g", "logStreamName": "s", "logEvents": [{"timestamp": 1, "message": "m"}]},
    )
    check(
        "cloudwatch",
        "PutMetricData",
        {"Namespace": "n", "MetricData": [{"MetricName": "m", "Timestamp": datetime.now(UTC)}]},
    )
    check("s3", "PutObject", {"Bucket": "b", "Key": "k", "Body": b"x"})
    check("sts", "GetCallerIdentity", {})


@pytest.mark.parametrize(
    ("operation", "params", "message"),
    [
        (
            "PutItem",
            {"Item": ITEM},
            "ValidationException: 1 validation error detected: "
            "Value null at 'tableName' failed to satisfy constraint: Member must not be null",
        ),
        (
            "PutItem",
            {"TableName": "", "Item": ITEM, "ReturnValues": "SOME"},
            "ValidationException: 2 validation errors detected: "
            "Value '' at 'tableName' failed to satisfy constraint: Member must have length greater than or equal to 1; "
            "Value 'SOME' at 'returnValues' failed to satisfy constraint: "
            "Member must satisfy enum value set: [ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW]",
        ),
        (
            "Query",
            {"TableName": "t", "Limit": 0},
            "ValidationException: 1 validation error detected: "
            "Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1",
        ),
        (
            "BatchGetItem",
            {"RequestItems": {"t": {}}},
            "ValidationException: 1 validation error detected: "
            "Value null at 'requestItems.t.member.keys' failed to satisfy constraint: Member must not be null",
        ),
        (
            "CreateTable",
            {"TableName": "t", "AttributeDefinitions": [{"AttributeName": "a"}], "KeySchema": []},
            "ValidationException: 2 validation errors detected: "
            "Value null at 'attributeDefinitions.1.member.attributeType' failed to satisfy constraint: "
            "Member must not be null; "
            "Value '[]' at 'keySchema' failed to satisfy constraint: "
            "Member must have length greater than or equal to 1",
        ),
    ],
)
def test_broken_constraints(operation: str, params: dict[str, Any], message: str) -> None:
    assert told("dynamodb", operation, params) == message


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"TableName": 1}, "NUMBER_VALUE cannot be converted to String"),
        ({"TableName": 1.5}, "DECIMAL_VALUE cannot be converted to String"),
        ({"TableName": True}, "TRUE_VALUE cannot be converted to String"),
        ({"TableName": ["t"]}, "Unrecognized collection type class java.lang.String"),
        ({"TableName": {}}, "Start of structure or map found where not expected"),
        ({"Limit": "1"}, "STRING_VALUE cannot be converted to Integer"),
        ({"Limit": True}, "TRUE_VALUE cannot be converted to Integer"),
        ({"Limit": []}, "Unrecognized collection type class java.lang.Integer"),
        ({"ConsistentRead": "true"}, "Unexpected token received from parser"),
        ({"ConsistentRead": 1}, "NUMBER_VALUE cannot be converted to Boolean"),
        ({"AttributesToGet": "a"}, "Unexpected field type"),
        ({"AttributesToGet": {}}, "Start of structure or map found where not expected"),
        ({"AttributesToGet": [1]}, "NUMBER_VALUE cannot be converted to String"),
        (
            {"KeyConditions": []},
            "Unrecognized collection type java.util.Map<java.lang.String, com.amazonaws.dynamodb.v20120810.Condition>",
        ),
        ({"KeyConditions": "x"}, "Unexpected field type"),
        (
            {"ExpressionAttributeNames": []},
            "Unrecognized collection type java.util.Map<java.lang.String, java.lang.String>",
        ),
        ({"ExclusiveStartKey": {"id": "x"}}, "Unexpected value type in payload"),
        (
            {"ExclusiveStartKey": {"id": []}},
            "Unrecognized collection type class com.amazonaws.dynamodb.v20120810.AttributeValue",
        ),
        ({"ExclusiveStartKey": {"id": {"L": ["x"]}}}, "Unexpected value type in payload"),
        ({"ExclusiveStartKey": {"id": {"B": []}}}, "Unrecognized collection type class java.nio.ByteBuffer"),
        ({"ExclusiveStartKey": {"id": {"B": "=+/="}}}, "Invalid last non-pad Base64 character dectected"),
        (
            {"ExclusiveStartKey": {"id": {"B": "YWJ"}}},
            "Base64 encoded length is expected a multiple of 4 bytes but found: 3",
        ),
        ({"ExclusiveStartKey": {"id": {"B": "!!!!"}}}, "Invalid Base64 character: '!'"),
        ({"ExclusiveStartKey": {"id": {"B": 7}}}, "only base-64-encoded strings are convertible to bytes"),
    ],
)
def test_wrong_types_come_first(params: dict[str, Any], message: str) -> None:
    assert told("dynamodb", "Query", params) == f"SerializationException: {message}"


def test_dynamodb_drops_what_is_behind_the_point() -> None:
    params: dict[str, Any] = {"TableName": "t", "Limit": 1.5}
    check("dynamodb", "Query", params)
    assert params["Limit"] == 1
    assert "Value '0' at 'limit'" in told("dynamodb", "Query", {"TableName": "t", "Limit": 0.5})
    endless = {"TableName": "t", "Limit": float("inf")}
    assert told("dynamodb", "Query", endless) == "SerializationException: DECIMAL_VALUE cannot be converted to Integer"


def test_simple_items_are_told_together_at_their_list() -> None:
    assert told("ssm", "GetParameters", {"Names": ["ok", ""]}) == (
        "ValidationException: 1 validation error detected: Value '[ok, ]' at 'names' failed to satisfy constraint: "
        "Member must satisfy constraint: [Member must have length less than or equal to 2048, "
        "Member must have length greater than or equal to 1]"
    )


def test_keys_of_maps() -> None:
    message = told("dynamodb", "BatchWriteItem", {"RequestItems": {"": [{"PutRequest": {"Item": ITEM}}]}})
    assert "at 'requestItems' failed to satisfy constraint: Map keys must satisfy constraint: [" in message


def test_ten_errors_are_enough() -> None:
    definitions = [{"AttributeName": "", "AttributeType": "X"}] * 8
    message = told("dynamodb", "CreateTable", {"TableName": "t", "KeySchema": [], "AttributeDefinitions": definitions})
    assert message.startswith("ValidationException: 10 validation errors detected: ")


@pytest.mark.parametrize(
    ("service", "operation", "params", "message"),
    [
        (
            "sqs",
            "SendMessage",
            {"QueueUrl": "q"},
            "MissingParameter: The request must contain the parameter MessageBody",
        ),
        ("ec2", "CreateSubnet", {}, "MissingParameter: The request must contain the parameter VpcId"),
        ("sns", "CreateTopic", {}, "ValidationError: 1 validation error detected: Value null at 'name'"),
        ("logs", "CreateLogGroup", {"logGroupName": ""}, "InvalidParameterException: 2 validation errors detected: "),
        ("lambda", "GetFunction", {"FunctionName": "no such!"}, "ValidationException: 1 validation error detected: "),
        ("apigateway", "GetRestApi", {}, "BadRequestException: 1 validation error detected: "),
    ],
)
def test_every_service_has_its_own_code(service: str, operation: str, params: dict[str, Any], message: str) -> None:
    assert told(service, operation, params).startswith(message)


def test_a_union_has_one_member() -> None:
    both = {"stringValue": "x", "longValue": 1}
    params = {"resourceArn": "arn:aws:rds:x", "secretArn": "arn:aws:secretsmanager:x", "sql": "select 1"}
    message = told("rds-data", "ExecuteStatement", {**params, "parameters": [{"value": both}]})
    assert message.endswith("at 'parameters.1.member.value' failed to satisfy constraint: "
                            "Member must have exactly one of its members set")  # fmt: skip


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.sampled_from(["", "x", "YWJj", "NONE", "HASH", "S"])
    | st.just(b"x"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["S", "B", "L", "M", "AttributeName", "KeyType", "a", ""]), inner, max_size=3)
    ),
    max_leaves=8,
)
CREATE_TABLE = ("TableName", "KeySchema", "AttributeDefinitions", "BillingMode", "Tags")
PUT_ITEM = ("TableName", "Item", "ReturnValues", "ExpressionAttributeNames")


@given(
    st.sampled_from([("CreateTable", CREATE_TABLE), ("PutItem", PUT_ITEM)]),
    st.lists(values, min_size=5, max_size=5),
)
def test_the_quick_and_the_careful_half_judge_alike(operation: tuple[str, tuple[str, ...]], given_: list[Any]) -> None:
    name, members = operation
    params = dict(zip(members, given_, strict=False))
    shape = service_model("dynamodb").operation(name).input
    assert shape is not None
    try:
        explain("dynamodb", shape, params)
    except AwsError:
        assert not predicate(shape)(params)
    else:
        assert predicate(shape)(params)


@pytest.mark.parametrize(
    ("operation", "params", "message"),
    [
        (
            "BatchWriteItem",
            {"RequestItems": {"t": "x"}},
            "class sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl cannot be cast to class "
            "java.lang.Class (sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl and java.lang.Class are in "
            "module java.base of loader 'bootstrap')",
        ),
        (
            "BatchWriteItem",
            {"RequestItems": []},
            "Unrecognized collection type java.util.Map<java.lang.String, "
            "java.util.List<com.amazonaws.dynamodb.v20120810.WriteRequest>>",
        ),
        (
            "BatchWriteItem",
            {"RequestItems": {"t": [[]]}},
            "Unrecognized collection type class com.amazonaws.dynamodb.v20120810.WriteRequest",
        ),
        ("BatchWriteItem", {"RequestItems": {"t": ["x"]}}, "Unexpected value type in payload"),
        ("BatchWriteItem", {"RequestItems": {"t": [{"PutRequest": "x"}]}}, "Unexpected field type"),
    ],
)
def test_a_collection_in_a_collection_has_words_of_its_own(
    operation: str, params: dict[str, Any], message: str
) -> None:
    assert told("dynamodb", operation, params) == f"SerializationException: {message}"


def test_values_are_shown_as_java_shows_them() -> None:
    write = {"PutRequest": {"Item": {"id": {"S": "a"}}}}
    shown = told("dynamodb", "BatchWriteItem", {"RequestItems": {"t": [write] * 26}})
    value = r"com\.amazonaws\.dynamodb\.v20120810\.AttributeValue@[0-9a-f]+"
    put = rf"PutRequest\(item=\{{id={value}\}}, workloadProfileName=null\)"
    one = rf"WriteRequest\(putRequest={put}, deleteRequest=null\)"
    start = "ValidationException: 1 validation error detected: Value '"
    rest = (
        "' at 'requestItems' failed to satisfy constraint: Map value must satisfy constraint: [Member must have length "
        "less than or equal to 25, Member must have length greater than or equal to 1]"
    )
    assert shown.startswith(start)
    assert shown.endswith(rest)
    assert re.fullmatch(rf"\{{t=\[{one}(, {one}){{25}}\]\}}", shown[len(start) : -len(rest)])
