"""Versions: $LATEST frozen under a number."""

from collections.abc import Iterable

import msgspec

from panregion.services import Here, reads
from panregion.services.lambda_ import layout
from panregion.services.lambda_.api.pages import PAGE_MAX, page
from panregion.services.lambda_.errors import invalid, not_latest_revision
from panregion.services.lambda_.model import Config, Json, describe
from panregion.services.lambda_.names import parse


def publish_version(
    here: Here,
    function_name: str,
    code_sha256: str | None = None,
    description: str | None = None,
    revision_id: str | None = None,
) -> Json:
    name, _ = parse(function_name, None, here.region)
    latest = layout.resolve(here, name, None)
    if revision_id not in (None, latest.revision):
        raise not_latest_revision()
    if code_sha256 not in (None, latest.package.sha256):
        raise invalid(
            f"CodeSHA256 ({code_sha256}) is different from current CodeSHA256 in $LATEST ({latest.package.sha256}). "
            "Please try again with the CodeSHA256 in $LATEST."
        )
    version = publish(here, latest, description)
    return describe(version, layout.arn_of(here, name))


def publish(here: Here, latest: Config, description: str | None = None) -> Config:
    """The version that freezes $LATEST: a new one, or the last one if nothing has changed since."""
    function = layout.require_function(here, latest.name)
    if description is not None:
        latest = msgspec.structs.replace(latest, description=description)
    last = layout.find_config(here.tx, latest.name, function.published) if function.published else None
    if last is not None and frozen(last) == frozen(latest):
        return last
    version = msgspec.structs.replace(latest, version=function.published + 1, revision=here.world.chance.uuid())
    layout.put_config(here.tx, version)
    layout.put_function(here.tx, msgspec.structs.replace(function, published=version.version))
    return version


def frozen(config: Config) -> Config:
    """What a version consists of, without what every change renews."""
    return msgspec.structs.replace(config, version=0, revision="", modified_s=0)


@reads
def list_versions_by_function(
    here: Here, function_name: str, marker: str | None = None, max_items: int = PAGE_MAX
) -> Json:
    name, _ = parse(function_name, None, here.region)
    layout.require_function(here, name)
    if marker is not None and not marker.isdigit():
        raise invalid("The marker is not valid.")
    found: Iterable[Config] = layout.configs(here.tx, name, None if marker is None else int(marker))

    def described(config: Config) -> Json:
        arn = layout.arn_of(here, name)
        return {**describe(config, arn), "FunctionArn": f"{arn}:{config.version_name}"}

    return page(found, max_items, "Versions", described, lambda config: str(config.version))
