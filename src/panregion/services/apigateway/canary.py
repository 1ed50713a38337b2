"""Canaries: a part of a stage's requests, by chance, served by another deployment with other stage variables. Pure."""

from typing import Any

import msgspec

from panregion.services.apigateway.errors import BadRequestException
from panregion.services.apigateway.model import Stage
from panregion.services.apigateway.patch import Operations

NUMBER, TRUTH = "percentTraffic", "useStageCache"
MEMBERS = (NUMBER, TRUTH, "deploymentId", "stageVariableOverrides")


def settings(given: dict[str, Any], deployment_id: str) -> dict[str, Any]:
    """Canary settings as they are kept. Raises BadRequestException."""
    made = {NUMBER: 0.0, "deploymentId": deployment_id, TRUTH: False, **given}
    percent = made[NUMBER]
    if not 0 <= percent <= 100:
        raise BadRequestException("Canary percent traffic must be between 0.0 and 100.0")
    if made[TRUTH]:
        raise BadRequestException("useStageCache is not supported by panregion: stages have no cache")
    return {name: value for name, value in made.items() if value not in (None, {})}


def patched(stage: Stage, operations: Operations) -> Stage:
    """A stage after those operations that touch its canary, or copy from it. Raises BadRequestException."""
    canary = None if stage.canary_settings is None else dict(stage.canary_settings)
    variables = dict(stage.variables or {})
    deployment_id = stage.deployment_id
    for operation in operations:
        op, path = operation["op"], operation["path"]
        if op == "copy":
            if canary is None or operation.get("from") not in FROM:
                raise BadRequestException(f"Invalid patch: nothing to copy from {operation.get('from')}")
            if (operation["from"], path) == ("/canarySettings/deploymentId", "/deploymentId"):
                deployment_id = canary["deploymentId"]
            elif (operation["from"], path) == ("/canarySettings/stageVariableOverrides", "/variables"):
                variables |= canary.get("stageVariableOverrides") or {}
            else:
                raise BadRequestException(f"Invalid patch path  '{path}' specified for op 'copy'")
        elif path == "/canarySettings" and op == "remove":
            canary = None
        else:
            canary = _member(canary or settings({}, deployment_id), op, path, operation.get("value"))
    kept = None if canary is None else settings(canary, deployment_id)
    return msgspec.structs.replace(
        stage, canary_settings=kept, variables=variables or None, deployment_id=deployment_id
    )


FROM = ("/canarySettings/deploymentId", "/canarySettings/stageVariableOverrides")


def _member(canary: dict[str, Any], op: str, path: str, value: str | None) -> dict[str, Any]:
    """One member changed, or one of the overrides."""
    name, *below = path.removeprefix("/canarySettings").removeprefix("/").split("/")
    if name == "stageVariableOverrides" and len(below) == 1:
        overrides = dict(canary.get(name) or {})
        if op == "remove":
            overrides.pop(below[0], None)
        else:
            overrides[below[0]] = value or ""
        return {**canary, name: overrides}
    if name not in MEMBERS or below or op not in ("replace", "add"):
        raise BadRequestException(f"Invalid patch path  '{path}' specified for op '{op}'")
    try:
        kind: Any = {NUMBER: float, TRUTH: bool}.get(name, str)
        return {**canary, name: msgspec.convert(value, kind, strict=False)}
    except msgspec.ValidationError as error:
        raise BadRequestException(f"Invalid patch value: {error}") from error


def touches(operation: dict[str, str]) -> bool:
    """Whether a patch operation is for this module."""
    return operation.get("op") == "copy" or operation["path"].startswith("/canarySettings")


def chosen(stage: Stage, chance: float) -> tuple[Stage, bool]:
    """The stage as a request sees it, and whether that is its canary. `chance` is in [0, 1)."""
    canary = stage.canary_settings
    if canary is None or chance * 100 >= canary[NUMBER]:
        return stage, False
    variables = {**(stage.variables or {}), **(canary.get("stageVariableOverrides") or {})}
    return msgspec.structs.replace(stage, deployment_id=canary["deploymentId"], variables=variables or None), True
