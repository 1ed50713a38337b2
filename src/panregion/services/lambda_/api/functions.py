"""Functions: made, described, deleted."""

from itertools import chain
from typing import Any

from panregion.services import Here, reads
from panregion.services.lambda_ import layout, provisioning
from panregion.services.lambda_.api.layers import layers_used
from panregion.services.lambda_.api.pages import PAGE_MAX, page
from panregion.services.lambda_.api.versions import publish
from panregion.services.lambda_.deliver import package_of
from panregion.services.lambda_.engine import engine_of, location
from panregion.services.lambda_.errors import (
    ResourceConflictException,
    invalid,
    unsupported,
)
from panregion.services.lambda_.model import (
    Config,
    Function,
    Json,
    check_handler,
    check_numbers,
    check_runtime,
    describe,
    kept_parameters,
    logging_of,
    variables_of,
)
from panregion.services.lambda_.names import parse


def described(here: Here, config: Config, settling: str = "") -> Json:
    """A FunctionConfiguration, as this region tells it."""
    return describe(config, layout.arn_of(here, config.name), settling=settling)


async def create_function(
    here: Here,
    function_name: str,
    role: str,
    code: dict[str, Any],
    runtime: str | None = None,
    handler: str | None = None,
    description: str = "",
    timeout: int = 3,
    memory_size: int = 128,
    publish: bool = False,
    vpc_config: Json | None = None,
    package_type: str = "Zip",
    dead_letter_config: Json | None = None,
    environment: Json | None = None,
    kms_key_arn: str | None = None,
    tracing_config: Json | None = None,
    tags: dict[str, str] | None = None,
    layers: list[str] | None = None,
    architectures: list[str] | None = None,
    ephemeral_storage: Json | None = None,
    snap_start: Json | None = None,
    logging_config: dict[str, str] | None = None,
) -> Json:
    name, qualifier = parse(function_name, None, here.region)
    if qualifier is not None:
        raise invalid(f"Invalid function name: {function_name}")
    if package_type != "Zip":
        raise unsupported("container images")
    kept = kept_parameters(
        {
            "VpcConfig": vpc_config,
            "DeadLetterConfig": dead_letter_config,
            "KMSKeyArn": kms_key_arn,
            "TracingConfig": tracing_config,
            "SnapStart": snap_start,
        }
    )
    check_runtime(runtime)
    check_handler(handler)
    check_numbers(timeout, memory_size, (ephemeral_storage or {}).get("Size"))
    here.read(lambda here: require_no_function(here, name))
    package = await package_of(here, code)

    def record(here: Here) -> Json:
        require_no_function(here, name)
        config = Config(
            name=name,
            role=role,
            runtime=check_runtime(runtime),
            handler=check_handler(handler),
            package=package,
            description=description,
            timeout_s=timeout,
            memory_mb=memory_size,
            environment=variables_of(environment),
            layers=layers_used(here, layers or []),
            architectures=tuple(architectures or ("x86_64",)),
            ephemeral_mb=(ephemeral_storage or {}).get("Size", 512),
            logging=logging_of({}, logging_config),
            modified_s=here.now(),
            revision=here.world.chance.uuid(),
            kept=kept,
        )
        return keep_new(here, config, tags or {}, publish)

    answer = await here.transact(record)
    await engine_of(here).functions.warm()
    return answer


def require_no_function(here: Here, name: str) -> None:
    if layout.find_function(here.tx, name) is not None:
        raise ResourceConflictException(f"Function already exist: {name}", Type="User")


def keep_new(here: Here, config: Config, tags: dict[str, str], published: bool) -> Json:
    layout.put_function(here.tx, Function(name=config.name, tags=tags))
    layout.put_config(here.tx, config)
    return described(here, publish(here, config) if published else config, "create")


async def delete_function(here: Here, function_name: str, qualifier: str | None = None) -> None:
    name, qualifier = parse(function_name, qualifier, here.region)
    await here.transact(lambda here: delete(here, name, qualifier))
    if qualifier is None:
        engine_of(here).functions.forget(name)


def delete(here: Here, name: str, qualifier: str | None) -> None:
    layout.require_function(here, name, qualifier)
    if qualifier is None:
        layout.delete_function(here.tx, name)
        return
    if not qualifier.isdigit():
        raise invalid("$LATEST version cannot be deleted without deleting the function.")
    using = [alias.name for alias in layout.aliases(here.tx, name) if int(qualifier) in versions_of(alias)]
    if using:
        arn = layout.arn_of(here, name)
        raise ResourceConflictException(
            f"Unable to delete version because the following aliases reference it: {using} {arn}", Type="User"
        )
    provisioning.changed(here)
    layout.delete_config(here.tx, name, int(qualifier))


def versions_of(alias: Any) -> set[int]:
    return {alias.version} | ({alias.routing.version} if alias.routing else set())


@reads
def get_function(here: Here, function_name: str, qualifier: str | None = None) -> Json:
    name, qualifier = parse(function_name, qualifier, here.region)
    config = layout.resolve(here, name, qualifier)
    function = layout.require_function(here, name)
    answer: Json = {
        "Configuration": described(here, config),
        "Code": {"RepositoryType": "S3", "Location": location(here, config.package.digest)},
    }
    if function.tags:
        answer["Tags"] = function.tags
    if function.reserved is not None:
        answer["Concurrency"] = {"ReservedConcurrentExecutions": function.reserved}
    return answer


@reads
def get_function_configuration(here: Here, function_name: str, qualifier: str | None = None) -> Json:
    name, qualifier = parse(function_name, qualifier, here.region)
    return described(here, layout.resolve(here, name, qualifier))


@reads
def get_function_code_signing_config(here: Here, function_name: str) -> Json:
    """No function has one here: code signing configurations are absent."""
    name, _ = parse(function_name, None, here.region)
    layout.require_function(here, name)
    return {"FunctionName": name, "CodeSigningConfigArn": ""}


@reads
def get_runtime_management_config(here: Here, function_name: str, qualifier: str | None = None) -> Json:
    """What a function is run by is the machine's: nobody chooses another version."""
    name, qualifier = parse(function_name, qualifier, here.region)
    layout.resolve(here, name, qualifier)
    return {"UpdateRuntimeOn": "Auto", "FunctionArn": layout.arn_of(here, name, qualifier)}


@reads
def list_functions(
    here: Here,
    master_region: str | None = None,
    function_version: str | None = None,
    marker: str | None = None,
    max_items: int = PAGE_MAX,
) -> Json:
    if master_region not in (None, "ALL", here.region):
        return {"Functions": []}
    name, _, version = (marker or "").partition(":")
    if function_version is None:
        functions = layout.functions(here.tx, after=marker or None)
        latest = (layout.resolve(here, function.name, None) for function in functions)
        return page(latest, max_items, "Functions", lambda each: described(here, each), lambda each: each.name)
    rest = layout.configs(here.tx, name, int(version)) if version.isdigit() else iter(())
    others = (layout.configs(here.tx, each.name) for each in layout.functions(here.tx, after=name or None))
    configs = chain(rest, chain.from_iterable(others))
    return page(
        configs,
        max_items,
        "Functions",
        lambda each: describe(each, layout.arn_of(here, each.name)),
        lambda each: f"{each.name}:{each.version}",
    )
