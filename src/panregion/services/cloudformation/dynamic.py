"""Dynamic references: {{resolve:ssm:name:version}} inside a property's text, looked up when the property is used."""

import re
from typing import Any

import msgspec

from panregion.services.cloudformation.errors import ValidationError
from panregion.services.here import Here
from panregion.wire.errors import AwsError

_REFERENCE = re.compile(r"\{\{resolve:([a-z-]+):([^{}]+)\}\}")


async def resolve(here: Here, value: Any) -> Any:
    """The value with every dynamic reference in its texts replaced."""
    if isinstance(value, str):
        return await _in_text(here, value)
    if isinstance(value, list):
        return [await resolve(here, item) for item in value]
    if isinstance(value, dict):
        return {key: await resolve(here, item) for key, item in value.items()}
    return value


async def _in_text(here: Here, text: str) -> str:
    if "{{resolve:" not in text:
        return text
    parts: list[str] = []
    end = 0
    for found in _REFERENCE.finditer(text):
        parts += [text[end : found.start()], await _look_up(here, found[1], found[2])]
        end = found.end()
    return "".join(parts) + text[end:]


async def _look_up(here: Here, service: str, name: str) -> str:
    if service == "secretsmanager":
        return await _secret(here, name)
    if service not in ("ssm", "ssm-secure"):
        raise ValidationError(f"Template error: dynamic references to {service} do not exist")
    return await parameter(here, name, secure=service == "ssm-secure")


async def parameter(here: Here, name: str, *, secure: bool = False) -> str:
    """The value of an SSM parameter, `name` or `name:version`."""
    try:
        found = await here.request("ssm", "GetParameter", {"Name": name, "WithDecryption": True})
    except AwsError as error:
        raise ValidationError(f"Parameters: [ssm:{name}] could not be resolved: {error.code}") from error
    if found["Parameter"]["Type"] == "SecureString" and not secure:
        raise ValidationError(
            f"SSM Secure reference is not supported in: [{name}]. Use ssm-secure for a SecureString parameter"
        )
    return str(found["Parameter"]["Value"])


async def _secret(here: Here, reference: str) -> str:
    """secret-id:SecretString:json-key:version-stage:version-id, all but the first optional."""
    secret_id, _, rest = reference.partition(":SecretString")
    _, key, stage, version = (*rest.split(":"), "", "", "", "")[:4]
    asked = {"SecretId": secret_id, "VersionStage": stage, "VersionId": version}
    try:
        found = await here.request("secretsmanager", "GetSecretValue", {k: v for k, v in asked.items() if v})
    except AwsError as error:
        raise ValidationError(
            f"Template error: {{{{resolve:secretsmanager:{reference}}}}} could not be resolved: {error}"
        ) from error
    return _member(str(found["SecretString"]), key) if key else str(found["SecretString"])


def _member(secret: str, key: str) -> str:
    members = msgspec.json.decode(secret)
    if key not in members:
        raise ValidationError(f"Could not find a value associated with JSONKey in SecretString: {key}")
    return str(members[key])
