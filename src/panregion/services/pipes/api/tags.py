"""Tags of pipes."""

from typing import Any

import msgspec

from panregion.services import Here, reads
from panregion.services.pipes import layout
from panregion.services.pipes.errors import invalid, no_pipe
from panregion.services.pipes.model import TAGS_MAX, Pipe

Json = dict[str, Any]


def _require(here: Here, arn: str) -> Pipe:
    """Raises NotFoundException."""
    prefix = layout.arn_of(here, "")
    if not arn.startswith(prefix):
        raise no_pipe(arn)
    return layout.require(here.tx, arn.removeprefix(prefix))


@reads
def list_tags_for_resource(here: Here, resource_arn: str) -> Json:
    return {"tags": _require(here, resource_arn).tags}


def tag_resource(here: Here, resource_arn: str, tags: dict[str, str]) -> None:
    pipe = _require(here, resource_arn)
    whole = {**pipe.tags, **tags}
    check_count(whole)
    layout.put(here.tx, msgspec.structs.replace(pipe, tags=whole))


def untag_resource(here: Here, resource_arn: str, tag_keys: list[str]) -> None:
    pipe = _require(here, resource_arn)
    left = {name: value for name, value in pipe.tags.items() if name not in tag_keys}
    layout.put(here.tx, msgspec.structs.replace(pipe, tags=left))


def check_count(tags: dict[str, str]) -> None:
    """Raises ValidationException."""
    if len(tags) > TAGS_MAX:
        raise invalid("tags", f"A pipe can have at most {TAGS_MAX} tags.")
