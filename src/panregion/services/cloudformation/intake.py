"""From what a caller sent to a Blueprint: template fetched, transformed and checked, parameters resolved."""

import re
from collections.abc import AsyncIterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from panregion.services.cloudformation import check, dynamic, foreach, parameters, reader, sam
from panregion.services.cloudformation.errors import ValidationError
from panregion.services.cloudformation.model import Blueprint
from panregion.services.cloudformation.scope import conditions
from panregion.services.cloudformation.template import TEXT_MAX, Template, parse, transforms_of
from panregion.services.here import Here
from panregion.wire.errors import AwsError

STACK_NAME = re.compile("[a-zA-Z][-a-zA-Z0-9]*")
STACK_NAME_MAX = 128


def check_stack_name(name: str) -> None:
    """A new stack's name, which the service's model does not restrict. Raises ValidationError."""
    if not STACK_NAME.fullmatch(name):
        rule = f"satisfy regular expression pattern: {STACK_NAME.pattern}"
    elif len(name) > STACK_NAME_MAX:
        rule = f"have length less than or equal to {STACK_NAME_MAX}"
    else:
        return
    raise ValidationError(
        f"1 validation error detected: Value '{name}' at 'stackName' failed to satisfy constraint: Member must {rule}"
    )


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The members that CreateStack, UpdateStack and CreateChangeSet have in common."""

    template_body: str | None = None
    template_url: str | None = None
    use_previous_template: bool = False
    parameters: list[dict[str, Any]] | None = None
    capabilities: list[str] | None = None
    tags: list[dict[str, str]] | None = None
    notification_arns: list[str] | None = None


async def template_text(here: Here, asked: Asked, previous: Blueprint | None) -> str:
    if asked.use_previous_template and previous is not None:
        return previous.text
    if (asked.template_body is None) == (asked.template_url is None):
        raise ValidationError("Either Template URL or Template Body must be specified.")
    text = asked.template_body
    if text is None:
        assert asked.template_url is not None
        text = await _fetch(here, asked.template_url)
    if len(text) > TEXT_MAX:
        raise ValidationError(f"Template may not exceed {TEXT_MAX} bytes in size.")
    return text


async def _fetch(here: Here, url: str) -> str:
    bucket, key = bucket_and_key(url)
    try:
        found = await here.request("s3", "GetObject", {"Bucket": bucket, "Key": key})
    except AwsError as error:
        raise ValidationError(f"S3 error: {error.message} ({error.code}) for {url}") from error
    body = found["Body"]
    if isinstance(body, AsyncIterable):
        body = b"".join([part async for part in body])
    return bytes(body).decode()


def bucket_and_key(url: str) -> tuple[str, str]:
    """Both of S3's address forms, and a path-style address of any host."""
    parts = urlsplit(url)
    host, path = parts.hostname or "", unquote(parts.path.lstrip("/"))
    bucket, _, rest = host.partition(".s3")
    if rest and bucket and (rest.startswith((".", "-"))) and host != "s3":
        return bucket, path
    bucket, _, key = path.partition("/")
    if parts.scheme not in ("http", "https", "s3") or not bucket or (not key and parts.scheme != "s3"):
        raise ValidationError("TemplateURL must be a supported URL.")
    return (host, path) if parts.scheme == "s3" else (bucket, key)


async def blueprint(here: Here, asked: Asked, previous: Blueprint | None, stack_name: str) -> Blueprint:
    """Everything checked that can be checked before anything is made."""
    text = await template_text(here, asked, previous)
    body = reader.read(text)
    declared = body.get("Parameters") or {}
    values = parameters.resolve(declared, given_parameters(asked, previous))
    resolved = {name: await _resolved(here, declared[name], value) for name, value in values.items()}
    template = parse(text, await transformed(here, text, body, resolved))
    check.check_types(template, here.resource_types)
    check.check_properties(template, here.resource_types)
    made = Blueprint(
        text=text,
        body=dict(template.body),
        parameters=values,
        resolved=resolved,
        capabilities=list(asked.capabilities or []),
        tags=_tags(asked, previous),
        notification_arns=list(asked.notification_arns or []),
    )
    _check_live(here, template, made, stack_name)
    return made


def _tags(asked: Asked, previous: Blueprint | None) -> dict[str, str]:
    if asked.tags is None:
        return dict(previous.tags) if previous else {}
    return {tag["Key"]: tag["Value"] for tag in asked.tags}


def given_parameters(asked: Asked, previous: Blueprint | None) -> dict[str, str]:
    given: dict[str, str] = {}
    for parameter in asked.parameters or []:
        key = parameter["ParameterKey"]
        if not parameter.get("UsePreviousValue"):
            given[key] = parameter.get("ParameterValue", "")
        elif previous is not None and key in previous.parameters:
            given[key] = previous.parameters[key]
        else:
            raise ValidationError(f"Invalid input for parameter key {key}. Cannot specify usePreviousValue as true "
                                  "for a parameter key not in the previous template")  # fmt: skip
    return given


async def _resolved(here: Here, declaration: Mapping[str, Any], value: str) -> Any:
    if parameters.SSM_VALUE.fullmatch(declaration["Type"]):
        value = await dynamic.parameter(here, value)
    return parameters.typed(declaration, value)


async def transformed(here: Here, text: str, body: dict[str, Any], resolved: Mapping[str, Any]) -> dict[str, Any]:
    """The template after its transforms, in their order."""
    for name in transforms_of(body):
        if name == foreach.TRANSFORM:
            body = foreach.expand(body, {"AWS::Region": here.region, "AWS::AccountId": here.account_id, **resolved})
        elif name == sam.TRANSFORM:
            body = await sam.translate(here, body, resolved)
        else:
            line = reader.line_of(text, ["Transform"])
            raise ValidationError(f"Transform {name} (line {line}) is not supported by panregion; "
                                  f"{foreach.TRANSFORM} and {sam.TRANSFORM} are.")  # fmt: skip
    return {key: value for key, value in body.items() if key != "Transform"}


def _check_live(here: Here, template: Template, made: Blueprint, stack_name: str) -> None:
    """What depends on conditions: names of resources that their condition leaves out; rules."""
    values = {
        **made.resolved,
        "AWS::AccountId": here.account_id,
        "AWS::NotificationARNs": made.notification_arns,
        "AWS::Partition": "aws",
        "AWS::Region": here.region,
        "AWS::StackId": here.arn("cloudformation", f"stack/{stack_name}"),
        "AWS::StackName": stack_name,
        "AWS::URLSuffix": "amazonaws.com",
    }
    mappings = template.block("Mappings")
    holds = conditions(template.block("Conditions"), values, mappings)
    template.needs(holds)
    _check_rules(template, values)


def _check_rules(template: Template, values: Mapping[str, Any]) -> None:
    for name, rule in template.block("Rules").items():
        asked = {"Rule": rule.get("RuleCondition", True), **{
            str(n): assertion.get("Assert") for n, assertion in enumerate(rule.get("Assertions") or [])
        }}  # fmt: skip
        holds = conditions(asked, values, template.block("Mappings"))
        if not holds("Rule"):
            continue
        for number, assertion in enumerate(rule.get("Assertions") or []):
            if not holds(str(number)):
                why = assertion.get("AssertDescription", f"assertion {number + 1} of rule {name}")
                raise ValidationError(f"Template Validation Error: {why}")


def is_transformed(text: str) -> bool:
    """Whether the template has transforms: then its errors are those of the change set, not of the request."""
    try:
        return bool(transforms_of(reader.read(text)))
    except ValidationError:
        return False
