"""Changing $LATEST: its code, its configuration."""

from typing import Any

import msgspec

from panregion.services import Here
from panregion.services.lambda_ import layout
from panregion.services.lambda_.api.functions import described
from panregion.services.lambda_.api.layers import layers_used
from panregion.services.lambda_.api.versions import publish as publish_latest
from panregion.services.lambda_.deliver import package_of
from panregion.services.lambda_.errors import not_latest_revision
from panregion.services.lambda_.model import (
    Config,
    Json,
    check_numbers,
    check_runtime,
    kept_parameters,
    logging_of,
    variables_of,
)
from panregion.services.lambda_.names import parse


def latest_of(here: Here, function_name: str, revision_id: str | None) -> Config:
    """$LATEST as it is, if it is the revision that the caller knows."""
    name, _ = parse(function_name, None, here.region)
    latest = layout.resolve(here, name, None)
    if revision_id not in (None, latest.revision):
        raise not_latest_revision()
    return latest


def changed(here: Here, latest: Config, changes: dict[str, Any]) -> Config:
    """Record a change of $LATEST."""
    config = msgspec.structs.replace(latest, **changes, modified_s=here.now(), revision=here.world.chance.uuid())
    layout.put_config(here.tx, config)
    return config


async def update_function_code(
    here: Here,
    function_name: str,
    zip_file: bytes | None = None,
    s3_bucket: str | None = None,
    s3_key: str | None = None,
    s3_object_version: str | None = None,
    image_uri: str | None = None,
    architectures: list[str] | None = None,
    publish: bool = False,
    dry_run: bool = False,
    revision_id: str | None = None,
) -> Json:
    here.read(lambda here: latest_of(here, function_name, revision_id))
    code = {
        "ZipFile": zip_file,
        "S3Bucket": s3_bucket,
        "S3Key": s3_key,
        "S3ObjectVersion": s3_object_version,
        "ImageUri": image_uri,
    }
    package = await package_of(here, code)

    def change(here: Here) -> Json:
        latest = latest_of(here, function_name, revision_id)
        changes: dict[str, Any] = {"package": package}
        if architectures:
            changes["architectures"] = tuple(architectures)
        if dry_run:
            return described(here, msgspec.structs.replace(latest, **changes))
        config = changed(here, latest, changes)
        return described(here, publish_latest(here, config) if publish else config, "update")

    return await here.transact(change)


def update_function_configuration(
    here: Here,
    function_name: str,
    role: str | None = None,
    handler: str | None = None,
    description: str | None = None,
    timeout: int | None = None,
    memory_size: int | None = None,
    vpc_config: Json | None = None,
    environment: Json | None = None,
    runtime: str | None = None,
    dead_letter_config: Json | None = None,
    kms_key_arn: str | None = None,
    tracing_config: Json | None = None,
    revision_id: str | None = None,
    layers: list[str] | None = None,
    ephemeral_storage: Json | None = None,
    snap_start: Json | None = None,
    logging_config: dict[str, str] | None = None,
) -> Json:
    latest = latest_of(here, function_name, revision_id)
    check_numbers(timeout, memory_size, (ephemeral_storage or {}).get("Size"))
    given: dict[str, Any] = {
        "role": role,
        "handler": handler,
        "description": description,
        "timeout_s": timeout,
        "memory_mb": memory_size,
        "environment": None if environment is None else variables_of(environment),
        "runtime": None if runtime is None else check_runtime(runtime),
        "layers": None if layers is None else layers_used(here, layers),
        "ephemeral_mb": None if ephemeral_storage is None else ephemeral_storage["Size"],
        "logging": logging_of(latest.logging, logging_config),
    }
    kept = {
        "VpcConfig": vpc_config,
        "DeadLetterConfig": dead_letter_config,
        "KMSKeyArn": kms_key_arn,
        "TracingConfig": tracing_config,
        "SnapStart": snap_start,
    }
    changes = {name: value for name, value in given.items() if value is not None}
    changes["kept"] = {**latest.kept, **kept_parameters(kept)}
    return described(here, changed(here, latest, changes), "update")
