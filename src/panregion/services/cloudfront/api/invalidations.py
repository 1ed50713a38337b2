"""Invalidations: one function per operation."""

import re
from typing import Any

from panregion.services.cloudfront import describe, internal, layout
from panregion.services.cloudfront.api.ids import new_id
from panregion.services.cloudfront.api.pages import page
from panregion.services.cloudfront.config import require_quantities
from panregion.services.cloudfront.errors import BatchTooLarge, InvalidArgument, NoSuchInvalidation
from panregion.services.cloudfront.model import Invalidation, items
from panregion.services.here import Here
from panregion.services.service import reads

PATHS_MAX = 3000
KEPT = 100
"""CloudFront, too, shows only the latest hundred or so."""


def create_invalidation(here: Here, distribution_id: str, invalidation_batch: dict[str, Any]) -> dict[str, Any]:
    distribution = layout.distribution(here, distribution_id)
    require_quantities(invalidation_batch)
    paths, reference = items(invalidation_batch["Paths"]), invalidation_batch["CallerReference"]
    if not paths:
        raise InvalidArgument("Your request contains no invalidation paths.")
    if len(paths) > PATHS_MAX:
        raise BatchTooLarge
    for path in paths:
        if not path.startswith("/") or "*" in path[:-1] or re.search(r"[\s\x7f-\U0010ffff]", path):
            raise InvalidArgument("Your request contains one or more invalid invalidation paths.")
    for known in layout.invalidations(here, distribution.id):
        if known.caller_reference == reference:
            if known.paths != paths:
                raise InvalidArgument("Your caller reference was used by an invalidation of other paths.")
            return _created(here, known)
    new = Invalidation(
        id=new_id(here, "I"),
        distribution_id=distribution.id,
        paths=paths,
        caller_reference=reference,
        created_at=here.now(),
    )
    kept = layout.put_invalidation(here, new)
    layout.forget_invalidations(here, distribution.id, KEPT)
    return _created(here, kept)


def _created(here: Here, invalidation: Invalidation) -> dict[str, Any]:
    location = f"{describe.ENDPOINT}/distribution/{invalidation.distribution_id}/invalidation/{invalidation.id}"
    return {"Location": location, "Invalidation": describe.invalidation(invalidation, _status(here, invalidation))}


def _status(here: Here, invalidation: Invalidation) -> str:
    return "Completed" if internal.is_seen(here, invalidation.sequence) else "InProgress"


@reads
def get_invalidation(here: Here, distribution_id: str, id: str) -> dict[str, Any]:
    distribution = layout.distribution(here, distribution_id)
    for invalidation in layout.invalidations(here, distribution.id):
        if invalidation.id == id:
            return {"Invalidation": describe.invalidation(invalidation, _status(here, invalidation))}
    raise NoSuchInvalidation


@reads
def list_invalidations(here: Here, distribution_id: str, marker: str = "", max_items: str = "100") -> dict[str, Any]:
    distribution = layout.distribution(here, distribution_id)

    def show(invalidation: Invalidation) -> dict[str, Any]:
        shown = describe.invalidation(invalidation, _status(here, invalidation))
        return {member: shown[member] for member in ("Id", "CreateTime", "Status")}

    found = layout.invalidations(here, distribution.id)
    return {"InvalidationList": page(found, marker, max_items, lambda one: one.id, show)}
