"""The account's limits as this machine has them, and tags."""

import msgspec

from panregion.functions import Limit
from panregion.services import Here, reads
from panregion.services.lambda_ import layout
from panregion.services.lambda_.api.concurrency import total_reserved
from panregion.services.lambda_.deliver import ZIP_MAX_BYTES
from panregion.services.lambda_.errors import invalid
from panregion.services.lambda_.model import CODE_TOTAL_MAX_BYTES, Function, Json
from panregion.services.lambda_.names import parse

UNZIPPED_MAX_BYTES = 262_144_000
TAGS_MAX = 50


@reads
def get_account_settings(here: Here) -> Json:
    configs = list(layout.all_configs(here.tx))
    concurrency = Limit().environments
    return {
        "AccountLimit": {
            "TotalCodeSize": CODE_TOTAL_MAX_BYTES,
            "CodeSizeUnzipped": UNZIPPED_MAX_BYTES,
            "CodeSizeZipped": ZIP_MAX_BYTES,
            "ConcurrentExecutions": concurrency,
            "UnreservedConcurrentExecutions": concurrency - total_reserved(here),
        },
        "AccountUsage": {
            "TotalCodeSize": sum(config.package.size for config in configs),
            "FunctionCount": sum(config.version == 0 for config in configs),
        },
    }


def tagged(here: Here, resource: str) -> Function:
    """The function of an ARN without a qualifier, which alone has tags."""
    name, qualifier = parse(resource, None, here.region)
    if qualifier is not None:
        raise invalid("Tags on function aliases and versions are not supported. Please specify a function ARN.")
    return layout.require_function(here, name)


@reads
def list_tags(here: Here, resource: str) -> Json:
    return {"Tags": tagged(here, resource).tags}


def tag_resource(here: Here, resource: str, tags: dict[str, str]) -> None:
    function = tagged(here, resource)
    both = {**function.tags, **tags}
    if len(both) > TAGS_MAX:
        raise invalid(f"Number of tags exceeds the limit of {TAGS_MAX}.")
    layout.put_function(here.tx, msgspec.structs.replace(function, tags=both))


def untag_resource(here: Here, resource: str, tag_keys: list[str]) -> None:
    function = tagged(here, resource)
    left = {key: value for key, value in function.tags.items() if key not in tag_keys}
    layout.put_function(here.tx, msgspec.structs.replace(function, tags=left))
