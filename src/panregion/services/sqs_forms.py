"""SQS's old query protocol, which integrations still speak: `Action=SendMessage&MessageBody=...` to parameters.

botocore no longer has that protocol in SQS's model, so its few forms are read here.
"""

import re
from typing import Any
from urllib.parse import parse_qsl

NUMBERS = frozenset({"DelaySeconds", "MaxNumberOfMessages", "VisibilityTimeout", "WaitTimeSeconds"})
ATTRIBUTE = re.compile(r"MessageAttribute\.(\d+)\.(Name|Value\.(?:StringValue|BinaryValue|DataType))")
LISTED = re.compile(r"(AttributeName|MessageAttributeName)\.\d+")
PROTOCOL_FIELDS = frozenset({"Action", "Version"})


def read_form(body: bytes) -> tuple[str | None, dict[str, Any]]:
    """The action and its parameters."""
    fields = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=1000))
    params: dict[str, Any] = {}
    attributes: dict[str, dict[str, str]] = {}
    for name, value in fields.items():
        attribute, listed = ATTRIBUTE.fullmatch(name), LISTED.fullmatch(name)
        if attribute is not None:
            attributes.setdefault(attribute[1], {})[attribute[2].removeprefix("Value.")] = value
        elif listed is not None:
            params.setdefault(f"{listed[1]}s", []).append(value)
        elif name not in PROTOCOL_FIELDS:
            params[name] = int(value) if name in NUMBERS and value.isdigit() else value
    if attributes:
        params["MessageAttributes"] = {
            given["Name"]: {member: value for member, value in given.items() if member != "Name"}
            for given in attributes.values()
            if "Name" in given
        }
    return fields.get("Action"), params
