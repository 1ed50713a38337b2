"""How asynchronous invocations are retried, and where they go in the end."""

import msgspec

from panregion.services import Here, reads
from panregion.services.lambda_ import destinations, layout
from panregion.services.lambda_.api.pages import PAGE_MAX, page
from panregion.services.lambda_.errors import ResourceNotFoundException
from panregion.services.lambda_.model import EventInvoke, Function, Json
from panregion.services.lambda_.names import LATEST, parse


def describe_config(here: Here, name: str, qualifier: str, config: EventInvoke) -> Json:
    destinations = {"OnSuccess": config.on_success, "OnFailure": config.on_failure}
    described: Json = {
        "LastModified": config.modified_s,
        "FunctionArn": layout.arn_of(here, name, qualifier),
        "DestinationConfig": {kind: {"Destination": arn} if arn else {} for kind, arn in destinations.items()},
    }
    if config.retries is not None:
        described["MaximumRetryAttempts"] = config.retries
    if config.max_age_s is not None:
        described["MaximumEventAgeInSeconds"] = config.max_age_s
    return described


def destination(config: Json | None, kind: str) -> str | None:
    """The ARN of a destination. Raises InvalidParameterValueException."""
    return destinations.checked(((config or {}).get(kind) or {}).get("Destination"))


def require_config(here: Here, name: str, qualifier: str) -> EventInvoke:
    config = layout.require_function(here, name).event_invokes.get(qualifier)
    if config is None:
        arn = layout.arn_of(here, name, qualifier)
        raise ResourceNotFoundException(f"The function {arn} doesn't have an EventInvokeConfig", Type="User")
    return config


def named(here: Here, function_name: str, qualifier: str | None) -> tuple[str, str]:
    """Name and qualifier of a version or alias that exists."""
    name, given = parse(function_name, qualifier, here.region)
    layout.resolve(here, name, given)
    return name, given or LATEST


def put(here: Here, name: str, configs: dict[str, EventInvoke]) -> None:
    function: Function = layout.require_function(here, name)
    layout.put_function(here.tx, msgspec.structs.replace(function, event_invokes=configs))


def put_function_event_invoke_config(
    here: Here,
    function_name: str,
    qualifier: str | None = None,
    maximum_retry_attempts: int | None = None,
    maximum_event_age_in_seconds: int | None = None,
    destination_config: Json | None = None,
) -> Json:
    name, given = named(here, function_name, qualifier)
    config = EventInvoke(
        retries=maximum_retry_attempts,
        max_age_s=maximum_event_age_in_seconds,
        on_success=destination(destination_config, "OnSuccess"),
        on_failure=destination(destination_config, "OnFailure"),
        modified_s=here.now(),
    )
    put(here, name, {**layout.require_function(here, name).event_invokes, given: config})
    return describe_config(here, name, given, config)


def update_function_event_invoke_config(
    here: Here,
    function_name: str,
    qualifier: str | None = None,
    maximum_retry_attempts: int | None = None,
    maximum_event_age_in_seconds: int | None = None,
    destination_config: Json | None = None,
) -> Json:
    name, given = named(here, function_name, qualifier)
    old = require_config(here, name, given)
    destinations = destination_config or {}
    config = EventInvoke(
        retries=old.retries if maximum_retry_attempts is None else maximum_retry_attempts,
        max_age_s=old.max_age_s if maximum_event_age_in_seconds is None else maximum_event_age_in_seconds,
        on_success=destination(destinations, "OnSuccess") if "OnSuccess" in destinations else old.on_success,
        on_failure=destination(destinations, "OnFailure") if "OnFailure" in destinations else old.on_failure,
        modified_s=here.now(),
    )
    put(here, name, {**layout.require_function(here, name).event_invokes, given: config})
    return describe_config(here, name, given, config)


@reads
def get_function_event_invoke_config(here: Here, function_name: str, qualifier: str | None = None) -> Json:
    name, given = named(here, function_name, qualifier)
    return describe_config(here, name, given, require_config(here, name, given))


@reads
def list_function_event_invoke_configs(
    here: Here, function_name: str, marker: str | None = None, max_items: int = PAGE_MAX
) -> Json:
    name, _ = parse(function_name, None, here.region)
    configs = sorted(layout.require_function(here, name).event_invokes.items())
    rest = (each for each in configs if marker is None or each[0] > marker)
    return page(
        rest,
        max_items,
        "FunctionEventInvokeConfigs",
        lambda each: describe_config(here, name, *each),
        lambda each: each[0],
    )


def delete_function_event_invoke_config(here: Here, function_name: str, qualifier: str | None = None) -> None:
    name, given = named(here, function_name, qualifier)
    require_config(here, name, given)
    configs = layout.require_function(here, name).event_invokes
    put(here, name, {key: value for key, value in configs.items() if key != given})
