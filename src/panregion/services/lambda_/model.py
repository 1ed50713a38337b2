"""What functions, versions, aliases and layers are, and what AWS tells of them. Pure.

A version's state is not kept: code is unpacked before a function is recorded, so one that is recorded is Active.
The answer to the request that changed it says Pending or InProgress, as AWS's does, and the next one does not.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from panregion.functions import RESERVED, Package, runtime_named, supported
from panregion.services.lambda_ import destinations
from panregion.services.lambda_.errors import invalid, unsupported
from panregion.wire import ValidationException

Json = dict[str, Any]

ENVIRONMENT_MAX_BYTES = 4096
CODE_TOTAL_MAX_BYTES = 80_530_636_800
LAYERS_MAX = 5
QUEUES = frozenset({"sqs", "sns"})
"""What can hold dead letters."""
VARIABLE = re.compile(r"[a-zA-Z][a-zA-Z0-9_]+")


class LayerUse(msgspec.Struct, frozen=True):
    """A layer's version in a function. It goes on working once the layer is deleted, so it names its package."""

    arn: str
    package: Package


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """What a version of a function is; version 0 is $LATEST."""

    name: str
    version: int = 0
    role: str
    runtime: str
    handler: str
    package: Package
    description: str = ""
    timeout_s: int = 3
    memory_mb: int = 128
    environment: dict[str, str] = {}
    layers: tuple[LayerUse, ...] = ()
    architectures: tuple[str, ...] = ("x86_64",)
    ephemeral_mb: int = 512
    logging: dict[str, str] = {}
    modified_s: float
    revision: str
    kept: Json = {}
    """What AWS would act on and panregion gives back as it came, under AWS's names."""

    @property
    def version_name(self) -> str:
        return str(self.version) if self.version else "$LATEST"

    @property
    def log_group(self) -> str:
        return self.logging.get("LogGroup") or f"/aws/lambda/{self.name}"


class RoutedTo(msgspec.Struct, frozen=True):
    """A share of an alias's invocations that another version gets."""

    version: int
    weight: float


class Alias(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    version: int
    description: str = ""
    routing: RoutedTo | None = None
    revision: str

    def pick(self, chance: float) -> int:
        """Which version an invocation gets."""
        return self.routing.version if self.routing is not None and chance < self.routing.weight else self.version

    def shares(self, count: int) -> list[tuple[int, int]]:
        """How many of `count` environments each of its versions gets, by weight."""
        if self.routing is None:
            return [(self.version, count)]
        others = round(count * self.routing.weight)
        return [(self.version, count - others), (self.routing.version, others)]


class Provisioned(msgspec.Struct, frozen=True, kw_only=True):
    """How many environments of a version or alias are kept warm."""

    count: int
    modified_s: float


class Policy(msgspec.Struct, frozen=True):
    revision: str
    statements: dict[str, Json] = {}

    def text(self) -> str:
        statements = list(self.statements.values())
        return msgspec.json.encode({"Version": "2012-10-17", "Id": "default", "Statement": statements}).decode()


class EventInvoke(msgspec.Struct, frozen=True, kw_only=True):
    """How asynchronous invocations of a qualifier are retried, and where they go in the end."""

    retries: int | None = None
    max_age_s: int | None = None
    on_success: str | None = None
    on_failure: str | None = None
    modified_s: float


class Function(msgspec.Struct, frozen=True, kw_only=True):
    """What all versions of a function share. `policies` and `event_invokes` are by qualifier."""

    name: str
    published: int = 0
    reserved: int | None = None
    tags: dict[str, str] = {}
    policies: dict[str, Policy] = {}
    event_invokes: dict[str, EventInvoke] = {}


class FunctionUrl(msgspec.Struct, frozen=True, kw_only=True):
    """A function's own web address, or an alias's."""

    id: str
    function: str
    qualifier: str | None = None
    auth: str
    cors: Json = {}
    mode: str = "BUFFERED"
    created_s: float
    modified_s: float


class LayerVersion(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    version: int
    package: Package
    description: str = ""
    runtimes: tuple[str, ...] = ()
    architectures: tuple[str, ...] = ()
    license: str = ""
    created_s: float


def timestamp(at_s: float) -> str:
    """2026-11-21T04:13:17.123+0000"""
    at_ms = int(at_s * 1000)
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at_ms % 1000:03d}+0000"


def describe(config: Config, function_arn: str, *, settling: str = "") -> Json:
    """A FunctionConfiguration. `settling` is "create" or "update" in the answer to the request that did it."""
    qualified = function_arn if config.version == 0 else f"{function_arn}:{config.version}"
    described = {
        "FunctionName": config.name,
        "FunctionArn": qualified,
        "Runtime": config.runtime,
        "Role": config.role,
        "Handler": config.handler,
        "CodeSize": config.package.size,
        "CodeSha256": config.package.sha256,
        "Description": config.description,
        "Timeout": config.timeout_s,
        "MemorySize": config.memory_mb,
        "LastModified": timestamp(config.modified_s),
        "Version": config.version_name,
        "TracingConfig": {"Mode": "PassThrough"},
        "RevisionId": config.revision,
        "PackageType": "Zip",
        "Architectures": list(config.architectures),
        "EphemeralStorage": {"Size": config.ephemeral_mb},
        "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"},
        "LoggingConfig": {"LogFormat": "Text", "LogGroup": config.log_group, **config.logging},
        **config.kept,
        **state(settling),
    }
    if config.environment:
        described["Environment"] = {"Variables": config.environment}
    if config.layers:
        described["Layers"] = [{"Arn": layer.arn, "CodeSize": layer.package.size} for layer in config.layers]
    if config.version:
        described["MasterArn"] = f"{function_arn}:$LATEST"
    if not settling and (warning := runtime_named(config.runtime).warning):
        described["StateReason"] = f"panregion: {warning}"
    return described


def state(settling: str) -> Json:
    if settling == "create":
        reason = {"StateReason": "The function is being created.", "StateReasonCode": "Creating"}
        return {"State": "Pending", **reason, "LastUpdateStatus": "InProgress"}
    if settling == "update":
        reason = {"LastUpdateStatusReason": "The function is being updated.", "LastUpdateStatusReasonCode": "Updating"}
        return {"State": "Active", "LastUpdateStatus": "InProgress", **reason}
    return {"State": "Active", "LastUpdateStatus": "Successful"}


def check_runtime(runtime: str | None) -> str:
    """Raises InvalidParameterValueException for a runtime that this machine cannot run."""
    if runtime is None:
        raise invalid("Runtime is mandatory for functions with package type Zip.")
    if runtime not in supported():
        raise invalid(f"panregion cannot run {runtime} on this machine; it runs {', '.join(supported())}")
    return runtime


def check_handler(handler: str | None) -> str:
    if not handler:
        raise invalid("Handler is mandatory for functions with package type Zip.")
    return handler


def check_numbers(timeout_s: int | None, memory_mb: int | None, ephemeral_mb: int | None) -> None:
    """The limits of functions as they are here; the service model's are those of larger kinds. Raises."""
    limits = (
        ("timeout", timeout_s, 900),
        ("memorySize", memory_mb, 10240),
        ("ephemeralStorage.size", ephemeral_mb, 10240),
    )
    for name, value, limit in limits:
        if value is not None and value > limit:
            raise ValidationException(
                f"1 validation error detected: Value '{value}' at '{name}' failed to satisfy constraint: "
                f"Member must have value less than or equal to {limit}"
            )


def variables_of(environment: Json | None) -> dict[str, str]:
    """The variables of an Environment parameter, checked. Raises InvalidParameterValueException."""
    variables: dict[str, str] = (environment or {}).get("Variables") or {}
    reserved = sorted(variables.keys() & RESERVED)
    if reserved:
        raise invalid(
            "Lambda was unable to configure your environment variables because the environment variables you have "
            "provided contains reserved keys that are currently not supported for modification. "
            f"Reserved keys used in this request: {', '.join(reserved)}"
        )
    for name in variables:
        if VARIABLE.fullmatch(name) is None:
            raise invalid(f"1 validation error detected: environment variable name {name!r} is not valid")
    if sum(len(name.encode()) + len(value.encode()) for name, value in variables.items()) > ENVIRONMENT_MAX_BYTES:
        raise invalid(
            "Lambda was unable to configure your environment variables because the environment variables you have "
            f"provided exceeded the {ENVIRONMENT_MAX_BYTES // 1024}KB limit."
        )
    return variables


LEVELS = ("ApplicationLogLevel", "SystemLogLevel")


def logging_of(before: dict[str, str], given: dict[str, str] | None) -> dict[str, str]:
    """A LoggingConfig changed by a parameter: only logs as JSON have levels. Raises InvalidParameterValueException."""
    if given is None:
        return before
    kept = {**before, **given}
    if kept.get("LogFormat", "Text") == "JSON":
        return {**dict.fromkeys(LEVELS, "INFO"), **kept}
    if any(level in given for level in LEVELS):
        raise invalid("To set an ApplicationLogLevel or a SystemLogLevel, the LogFormat must be JSON.")
    return {name: value for name, value in kept.items() if name not in LEVELS}


def kept_parameters(given: Mapping[str, Any]) -> Json:
    """The parameters that are kept and not acted on. Raises for those whose absence would be felt."""
    kept = {name: value for name, value in given.items() if value is not None}
    if "DeadLetterConfig" in kept and not destinations.checked(kept["DeadLetterConfig"].get("TargetArn"), QUEUES):
        del kept["DeadLetterConfig"]
    snap_start = kept.pop("SnapStart", None)
    if snap_start and snap_start.get("ApplyOn", "None") != "None":
        raise unsupported("SnapStart")
    if "VpcConfig" in kept:
        kept["VpcConfig"] = {"SubnetIds": [], "SecurityGroupIds": [], "VpcId": "", **kept["VpcConfig"]}
    return kept
