"""Input templates and dynamic parameters of pipes."""

import json
from typing import Any

import pytest

from panregion.services.pipes.inputs import NotJson, as_json, dynamic, filled

RESERVED = {"aws.pipes.pipe-name": "orders", "aws.pipes.event.ingestion-time": "2026-11-21T10:00:00.000Z"}
MESSAGE: dict[str, Any] = {
    "messageId": "m-1",
    "body": json.dumps({"id": 7, "to": {"name": 'Ann "A"'}, "Records": [1, 2, 3, {"k": "v"}]}),
    "attributes": {"SenderId": "me"},
}
TEXT = {"messageId": "m-2", "body": "plain"}


@pytest.mark.parametrize(
    ("template", "given"),
    [
        ('"Hello, sender"', '"Hello, sender"'),
        ("<$.attributes.SenderId>", '"me"'),
        ('"Hello, <$.attributes.SenderId>"', '"Hello, me"'),
        ('{"key1": "value1", "key2": "value2"}', '{"key1": "value1", "key2": "value2"}'),
        (
            '{"key1": "value1", "key2": <$.body.id>, "d": <aws.pipes.event.ingestion-time>}',
            '{"key1": "value1", "key2": 7, "d": "2026-11-21T10:00:00.000Z"}',
        ),
        ('{"key2": <$.body.Records[3]>}', '{"key2": {"k":"v"}}'),
        ('{"who": "<$.body.to.name>", "pipe": "<aws.pipes.pipe-name>"}', '{"who": "Ann \\"A\\"", "pipe": "orders"}'),
        ('{"to": <$.body.to>}', '{"to": {"name":"Ann \\"A\\""}}'),
        ('{"no": <$.body.none>, "text": "[<$.body.none>]"}', '{"no": "", "text": "[]"}'),
        ("<$.body>", '{"id":7,"to":{"name":"Ann \\"A\\""},"Records":[1,2,3,{"k":"v"}]}'),
        ('{"other": <aws.pipes.nothing>}', '{"other": <aws.pipes.nothing>}'),
    ],
)
def test_templates(template: str, given: str) -> None:
    assert filled(template, MESSAGE, RESERVED) == given


def test_a_body_that_is_no_json_is_text() -> None:
    assert filled('{"b": <$.body>, "deeper": <$.body.x>}', TEXT, RESERVED) == '{"b": "plain", "deeper": ""}'


def test_the_event_whole_has_its_body_as_it_came() -> None:
    assert as_json(filled("<aws.pipes.event.json>", MESSAGE, RESERVED)) == MESSAGE
    assert as_json(filled(None, MESSAGE, RESERVED)) == MESSAGE
    assert as_json(filled("", MESSAGE, RESERVED)) == MESSAGE


def test_what_is_not_json_is_said_to_be() -> None:
    with pytest.raises(NotJson, match="Hello"):
        as_json(filled("Hello <$.messageId>", MESSAGE, RESERVED))


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("fixed", "fixed"),
        ("$.messageId", "m-1"),
        ("$.body.id", "7"),
        ("$.body.to", '{"name":"Ann \\"A\\""}'),
        ("$.body.none", ""),
        ("before $.body.id", "before $.body.id"),
    ],
)
def test_dynamic_parameters(value: str, found: str) -> None:
    assert dynamic(value, MESSAGE) == found
