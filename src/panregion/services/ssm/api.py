"""Parameter Store: one function per operation, named as AWS names it.

`SecureString` parameters are kept in plain text; WithDecryption only decides whether the value is shown as kept or as
an opaque text, as a caller without the key would see it.
"""

import re
from base64 import b64encode
from typing import Any

import msgspec

from panregion.services.here import Here
from panregion.services.service import reads
from panregion.services.ssm import filters as filtering
from panregion.services.ssm import layout, model
from panregion.services.ssm.errors import (
    InvalidNextToken,
    InvalidResourceId,
    ParameterAlreadyExists,
    ParameterNotFound,
    ParameterPatternMismatchException,
    ParameterVersionLabelLimitExceeded,
    ParameterVersionNotFound,
    UnsupportedParameterType,
    ValidationException,
)
from panregion.services.ssm.model import Version, present

_replace = msgspec.structs.replace


def _arn(here: Here, name: str) -> str:
    return here.arn("ssm", f"parameter{name}" if name.startswith("/") else f"parameter/{name}")


def _shown(here: Here, found: Version, *, decrypt: bool, selector: str | None = None) -> dict[str, Any]:
    return present(
        {
            "Name": found.name,
            "Type": found.type,
            "Value": _value(found, decrypt=decrypt),
            "Version": found.version,
            "Selector": None if selector is None else f":{selector}",
            "LastModifiedDate": found.modified,
            "ARN": _arn(here, found.name),
            "DataType": found.data_type,
        }
    )


def _value(found: Version, *, decrypt: bool) -> str:
    if found.type != "SecureString" or decrypt:
        return found.value
    return b64encode(f"encrypted:{found.value}".encode()).decode()


def _find(here: Here, asked: str) -> tuple[Version, str | None]:
    """The version that a name selects. Raises ParameterNotFound, ParameterVersionNotFound."""
    names, selector = model.selected(asked)
    latest = next(filter(None, (layout.latest(here.tx, name) for name in names)), None)
    if latest is None:
        raise ParameterNotFound(f"Parameter {asked} not found." if selector else "")
    if selector is None:
        return latest, None
    for version in layout.versions(here.tx, latest.name):
        if selector == str(version.version) or selector in version.labels:
            return version, selector
    what = "version" if selector.isdigit() else "version label"
    raise ParameterVersionNotFound(
        f"Systems Manager could not find {what} {selector} of {latest.name}. Verify the version and try again."
    )


def _page(items: list[Any], size: int, next_token: str | None) -> tuple[list[Any], str | None]:
    if next_token and not next_token.isdigit():
        raise InvalidNextToken("The specified token is not valid.")
    start = int(next_token or 0)
    more = start + size < len(items)
    return items[start : start + size], str(start + size) if more else None


def add_tags_to_resource(here: Here, resource_type: str, resource_id: str, tags: list[dict[str, str]]) -> None:
    name = _tagged(here, resource_type, resource_id)
    new = {tag["Key"]: tag["Value"] for tag in tags}
    layout.put_tags(here.tx, name, layout.tags(here.tx, name) | new)


def _tagged(here: Here, resource_type: str, name: str) -> str:
    if resource_type != "Parameter" or layout.latest(here.tx, name) is None:
        raise InvalidResourceId(f"The resource ID {name} is not valid. Verify the ID and try again.")
    return name


def delete_parameter(here: Here, name: str) -> None:
    if layout.latest(here.tx, name) is None:
        raise ParameterNotFound("")
    layout.delete(here.tx, name)


def delete_parameters(here: Here, names: list[str]) -> dict[str, Any]:
    found = [name for name in names if layout.latest(here.tx, name) is not None]
    for name in found:
        layout.delete(here.tx, name)
    return {"DeletedParameters": found, "InvalidParameters": [name for name in names if name not in found]}


@reads
def describe_parameters(
    here: Here,
    filters: list[dict[str, Any]] | None = None,
    parameter_filters: list[dict[str, Any]] | None = None,
    max_results: int = 10,
    next_token: str | None = None,
    shared: bool = False,
) -> dict[str, Any]:
    asked = [*(parameter_filters or []), *(filters or [])]
    found = [] if shared else _passing(here, asked)
    page, token = _page(found, max_results, next_token)
    return present({"Parameters": [model.described(one, _arn(here, one.name)) for one in page], "NextToken": token})


def _passing(here: Here, asked: list[dict[str, Any]]) -> list[Version]:
    return [
        one
        for one in layout.all_latest(here.tx)
        if filtering.passes(one, lambda name: layout.tags(here.tx, name), asked)
    ]


@reads
def get_parameter(here: Here, name: str, with_decryption: bool = False) -> dict[str, Any]:
    found, selector = _find(here, name)
    return {"Parameter": _shown(here, found, decrypt=with_decryption, selector=selector)}


@reads
def get_parameter_history(
    here: Here, name: str, with_decryption: bool = False, max_results: int = 50, next_token: str | None = None
) -> dict[str, Any]:
    found = list(layout.versions(here.tx, name))
    if not found:
        raise ParameterNotFound("")
    page, token = _page(found, max_results, next_token)
    shown = [
        {
            **model.described(one, _arn(here, one.name)),
            "Value": _value(one, decrypt=with_decryption),
            "Labels": one.labels,
        }
        for one in page
    ]
    for one in shown:
        del one["ARN"]
    return present({"Parameters": shown, "NextToken": token})


@reads
def get_parameters(here: Here, names: list[str], with_decryption: bool = False) -> dict[str, Any]:
    found, invalid = [], []
    for name in names:
        try:
            version, selector = _find(here, name)
        except (ParameterNotFound, ParameterVersionNotFound):
            invalid.append(name)
        else:
            found.append(_shown(here, version, decrypt=with_decryption, selector=selector))
    return {"Parameters": found, "InvalidParameters": invalid}


@reads
def get_parameters_by_path(
    here: Here,
    path: str,
    recursive: bool = False,
    parameter_filters: list[dict[str, Any]] | None = None,
    with_decryption: bool = False,
    max_results: int = 10,
    next_token: str | None = None,
) -> dict[str, Any]:
    if not path.startswith("/"):
        raise ValidationException(
            "The parameter doesn't meet the parameter name requirements. The parameter name must begin with a forward "
            'slash "/".'
        )
    found = [
        one for one in _passing(here, parameter_filters or []) if filtering.below(path, one.name, recursive=recursive)
    ]
    page, token = _page(found, max_results, next_token)
    shown = [_shown(here, one, decrypt=with_decryption) for one in page]
    return present({"Parameters": shown, "NextToken": token})


def label_parameter_version(
    here: Here, name: str, labels: list[str], parameter_version: int | None = None
) -> dict[str, Any]:
    """A label is on one version: putting it on another takes it from the first."""
    found, _ = _find(here, name if parameter_version is None else f"{name}:{parameter_version}")
    valid = [label for label in labels if not re.match(r"\d|aws|ssm", label, re.IGNORECASE)]
    if len({*found.labels, *valid}) > model.LABELS_MAX:
        raise ParameterVersionLabelLimitExceeded(
            f"An error occurred: a version can have at most {model.LABELS_MAX} labels."
        )
    for version in list(layout.versions(here.tx, name)):
        kept = [label for label in version.labels if label not in valid]
        if version.version == found.version:
            kept += valid
        layout.put(here.tx, _replace(version, labels=kept))
    return {"InvalidLabels": [one for one in labels if one not in valid], "ParameterVersion": found.version}


@reads
def list_tags_for_resource(here: Here, resource_type: str, resource_id: str) -> dict[str, Any]:
    tags = layout.tags(here.tx, _tagged(here, resource_type, resource_id))
    return {"TagList": [{"Key": key, "Value": value} for key, value in tags.items()]}


def put_parameter(
    here: Here,
    name: str,
    value: str,
    description: str | None = None,
    type: str | None = None,
    key_id: str | None = None,
    overwrite: bool = False,
    allowed_pattern: str | None = None,
    tags: list[dict[str, str]] | None = None,
    tier: str | None = None,
    policies: str | None = None,
    data_type: str | None = None,
) -> dict[str, Any]:
    model.check_name(name)
    old = layout.latest(here.tx, name)
    if old is not None and not overwrite:
        raise ParameterAlreadyExists(
            "The parameter already exists. To overwrite this value, set the overwrite option in the request to true."
        )
    if tags and overwrite:
        raise ValidationException("tags and overwrite can't be used together.")
    made = _next(here, old, name, value, type)
    given = {"description": description, "key_id": key_id, "allowed_pattern": allowed_pattern, "tier": tier,
             "policies": policies, "data_type": data_type}  # fmt: skip
    made = _replace(made, **present(given))
    if made.type == "SecureString" and made.key_id is None:
        made = _replace(made, key_id="alias/aws/ssm")
    _check_value(made)
    layout.put(here.tx, made)
    if tags:
        layout.put_tags(here.tx, name, {tag["Key"]: tag["Value"] for tag in tags})
    _drop_oldest(here, name)
    return {"Version": made.version, "Tier": made.tier}


def _next(here: Here, old: Version | None, name: str, value: str, type: str | None) -> Version:
    if old is not None:
        return _replace(
            old, version=old.version + 1, value=value, type=type or old.type, modified=here.now(), labels=[]
        )
    if type is None:
        raise ValidationException("A parameter type is required when you create a parameter.")
    return Version(name=name, version=1, type=type, value=value, modified=here.now())


def _check_value(made: Version) -> None:
    most = model.VALUE_BYTES_MAX[made.tier]
    if len(made.value.encode()) > most:
        raise ValidationException(
            f"{made.tier} tier parameters support a maximum parameter value of {most} characters. "
            "To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier."
        )
    if made.type not in ("String", "StringList", "SecureString"):
        raise UnsupportedParameterType(f"The parameter type {made.type} is not supported.")
    if made.allowed_pattern is None:
        return
    try:
        matches = re.search(made.allowed_pattern, made.value)
    except re.error as error:
        raise ValidationException(f"The regular expression {made.allowed_pattern} is not valid: {error}") from error
    if not matches:
        raise ParameterPatternMismatchException(
            f"Parameter value, cannot be validated against allowedPattern: {made.allowed_pattern}"
        )


def _drop_oldest(here: Here, name: str) -> None:
    versions = list(layout.versions(here.tx, name))
    for version in versions[: -model.VERSIONS_MAX]:
        layout.delete_version(here.tx, version)


def remove_tags_from_resource(here: Here, resource_type: str, resource_id: str, tag_keys: list[str]) -> None:
    name = _tagged(here, resource_type, resource_id)
    kept = {key: value for key, value in layout.tags(here.tx, name).items() if key not in tag_keys}
    layout.put_tags(here.tx, name, kept)


def unlabel_parameter_version(here: Here, name: str, parameter_version: int, labels: list[str]) -> dict[str, Any]:
    found, _ = _find(here, f"{name}:{parameter_version}")
    removed = [label for label in labels if label in found.labels]
    layout.put(here.tx, _replace(found, labels=[label for label in found.labels if label not in labels]))
    return {"RemovedLabels": removed, "InvalidLabels": [label for label in labels if label not in removed]}
