"""Aliases: names for versions, with a share for a second one."""

import msgspec

from panregion.services import Here, reads
from panregion.services.lambda_ import layout, provisioning
from panregion.services.lambda_.api.pages import PAGE_MAX, page
from panregion.services.lambda_.errors import ResourceConflictException, invalid, no_function, not_latest_revision
from panregion.services.lambda_.model import Alias, Json, RoutedTo
from panregion.services.lambda_.names import LATEST, parse


def describe_alias(here: Here, name: str, alias: Alias) -> Json:
    described: Json = {
        "AliasArn": layout.arn_of(here, name, alias.name),
        "Name": alias.name,
        "FunctionVersion": str(alias.version) if alias.version else LATEST,
        "Description": alias.description,
        "RevisionId": alias.revision,
    }
    if alias.routing is not None:
        weights = {str(alias.routing.version): alias.routing.weight}
        described["RoutingConfig"] = {"AdditionalVersionWeights": weights}
    return described


def version_number(here: Here, name: str, version: str) -> int:
    """A version that exists. Raises ResourceNotFoundException."""
    number = 0 if version == LATEST else int(version)
    if layout.find_config(here.tx, name, number) is None:
        raise no_function(layout.arn_of(here, name, version))
    return number


def routing_of(here: Here, name: str, version: int, config: Json | None) -> RoutedTo | None:
    weights = (config or {}).get("AdditionalVersionWeights") or {}
    if not weights:
        return None
    if len(weights) > 1:
        raise invalid(
            "Number of items in AdditionalVersionWeights cannot be greater than 1. Items: " + str(len(weights))
        )
    ((other, weight),) = weights.items()
    if version == 0 or other == LATEST:
        raise invalid("$LATEST is not supported for an alias pointing to more than 1 version")
    if int(other) == version:
        raise invalid(
            f"Invalid function version {other}. Function version {other} is already included in routing configuration."
        )
    return RoutedTo(version_number(here, name, other), float(weight))


def create_alias(
    here: Here,
    function_name: str,
    name: str,
    function_version: str,
    description: str = "",
    routing_config: Json | None = None,
) -> Json:
    function, _ = parse(function_name, None, here.region)
    layout.require_function(here, function)
    if layout.find_alias(here.tx, function, name) is not None:
        arn = layout.arn_of(here, function, name)
        raise ResourceConflictException(f"Alias already exists: {arn}", Type="User")
    version = version_number(here, function, function_version)
    alias = Alias(
        name=name,
        version=version,
        description=description,
        routing=routing_of(here, function, version, routing_config),
        revision=here.world.chance.uuid(),
    )
    layout.put_alias(here.tx, function, alias)
    return describe_alias(here, function, alias)


def delete_alias(here: Here, function_name: str, name: str) -> None:
    function, _ = parse(function_name, None, here.region)
    provisioning.changed(here)
    layout.delete_alias(here.tx, function, name)


@reads
def get_alias(here: Here, function_name: str, name: str) -> Json:
    function, _ = parse(function_name, None, here.region)
    return describe_alias(here, function, layout.require_alias(here, function, name))


@reads
def list_aliases(
    here: Here,
    function_name: str,
    function_version: str | None = None,
    marker: str | None = None,
    max_items: int = PAGE_MAX,
) -> Json:
    function, _ = parse(function_name, None, here.region)
    layout.require_function(here, function)
    wanted = None if function_version is None else version_number(here, function, function_version)
    found = (each for each in layout.aliases(here.tx, function, after=marker) if wanted in (None, each.version))
    return page(found, max_items, "Aliases", lambda each: describe_alias(here, function, each), lambda each: each.name)


def update_alias(
    here: Here,
    function_name: str,
    name: str,
    function_version: str | None = None,
    description: str | None = None,
    routing_config: Json | None = None,
    revision_id: str | None = None,
) -> Json:
    function, _ = parse(function_name, None, here.region)
    alias = layout.require_alias(here, function, name)
    if revision_id not in (None, alias.revision):
        raise not_latest_revision()
    version = alias.version if function_version is None else version_number(here, function, function_version)
    routing = alias.routing if routing_config is None else routing_of(here, function, version, routing_config)
    changed = msgspec.structs.replace(
        alias,
        version=version,
        description=alias.description if description is None else description,
        routing=routing,
        revision=here.world.chance.uuid(),
    )
    layout.put_alias(here.tx, function, changed)
    provisioning.changed(here)
    return describe_alias(here, function, changed)
