"""What a SAM template names on the developer's disk, for the translator, which knows of none.

Code is of no interest to a review, so anything stands for it. A description of an API or a state machine is: that is
read and put where the template could have had it.
"""

from pathlib import Path
from typing import Any

from panregion.services.cloudformation import reader
from panregion.services.cloudformation.errors import ValidationError

_ANYWHERE = "s3://not-uploaded/yet"
_CODE = {
    "AWS::Serverless::Function": "CodeUri",
    "AWS::Serverless::LayerVersion": "ContentUri",
    "AWS::Serverless::GraphQLApi": "SchemaUri",
}
_DESCRIBED = {
    "AWS::Serverless::Api": ("DefinitionUri", "DefinitionBody"),
    "AWS::Serverless::HttpApi": ("DefinitionUri", "DefinitionBody"),
    "AWS::Serverless::StateMachine": ("DefinitionUri", "Definition"),
}
_REMOTE = ("s3://", "http://", "https://")


def without_local_files(body: dict[str, Any], folder: Path) -> dict[str, Any]:
    """The template with nothing local in it. Raises ValidationError for a description that cannot be read."""
    resources = body.get("Resources")
    if not isinstance(resources, dict):
        return body
    changed = {name: _without(resource, folder) for name, resource in resources.items()}
    return {**body, "Resources": changed, **_globals(body)}


def _globals(body: dict[str, Any]) -> dict[str, Any]:
    """The block with its functions' code found, and with code for those that say nothing of it."""
    block = body.get("Globals") or {}
    if not isinstance(block, dict):
        return {}
    function = block.get("Function") or {}
    if not isinstance(function, dict) or {"InlineCode", "ImageUri"} & set(function):
        return {}
    if "CodeUri" not in function:
        return {}
    return {"Globals": {**block, "Function": {**function, "CodeUri": _ANYWHERE}}}


def _without(resource: Any, folder: Path) -> Any:
    if not isinstance(resource, dict) or not isinstance(resource.get("Properties", {}), dict):
        return resource
    kind, properties = str(resource.get("Type")), dict(resource.get("Properties") or {})
    if kind in _CODE and not {"InlineCode", "ImageUri"} & set(properties):
        properties[_CODE[kind]] = _ANYWHERE
    if kind in _DESCRIBED:
        local, inline = _DESCRIBED[kind]
        uri = properties.get(local)
        if isinstance(uri, str) and not uri.startswith(_REMOTE):
            del properties[local]
            properties[inline] = _read(folder / uri)
    return {**resource, "Properties": properties} if properties else resource


def _read(path: Path) -> dict[str, Any]:
    try:
        return reader.read(path.read_text())
    except (OSError, UnicodeDecodeError) as error:
        raise ValidationError(f"{path} cannot be read: {error}") from error
