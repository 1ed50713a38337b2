"""Tags of templates and experiments. What is unknown has none, and cannot have any."""

from typing import Any

import msgspec

from panregion.services.fis import layout
from panregion.services.fis.errors import ResourceNotFoundException
from panregion.services.fis.model import Experiment, Template
from panregion.services.here import Here
from panregion.services.service import reads


def _find(here: Here, arn: str) -> Template | Experiment:
    for kind, find in (("experiment-template", layout.template), ("experiment", layout.experiment)):
        prefix = here.arn("fis", f"{kind}/")
        if arn.startswith(prefix):
            return find(here, arn.removeprefix(prefix))
    raise ResourceNotFoundException(f"{arn} does not exist.")


def _keep(here: Here, found: Template | Experiment, tags: dict[str, str]) -> None:
    if isinstance(found, Template):
        layout.put_template(here, msgspec.structs.replace(found, tags=tags))
    else:
        layout.put_experiment(here, msgspec.structs.replace(found, tags=tags))


@reads
def list_tags_for_resource(here: Here, resource_arn: str) -> dict[str, Any]:
    return {"tags": _find(here, resource_arn).tags}


def tag_resource(here: Here, resource_arn: str, tags: dict[str, str]) -> dict[str, Any]:
    found = _find(here, resource_arn)
    _keep(here, found, {**found.tags, **tags})
    return {}


def untag_resource(here: Here, resource_arn: str, tag_keys: list[str] | None = None) -> dict[str, Any]:
    found = _find(here, resource_arn)
    gone = found.tags.keys() if tag_keys is None else set(tag_keys)
    _keep(here, found, {key: value for key, value in found.tags.items() if key not in gone})
    return {}
