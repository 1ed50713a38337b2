"""Route 53's record sets: changed in batches, listed in order; and what became of a batch."""

from itertools import islice
from typing import Any

from panregion.services.here import Here
from panregion.services.route53 import changes, describe, layout
from panregion.services.route53.errors import InvalidChangeBatch, InvalidInput, NoSuchChange, NoSuchHealthCheck
from panregion.services.route53.internal import change_status
from panregion.services.route53.model import RecordSet
from panregion.services.route53.paging import RECORDS_PAGE_MAX, normal_name, page_size
from panregion.services.route53.submitting import submitted
from panregion.services.service import reads


def change_resource_record_sets(here: Here, hosted_zone_id: str, change_batch: dict[str, Any]) -> dict[str, Any]:
    zone = layout.zone(here, hosted_zone_id)
    if not change_batch["Changes"]:
        raise InvalidInput("Invalid request: a change batch has at least one change")
    asked = changes.read_all(zone, change_batch["Changes"])
    for action, record in asked:
        if action != "DELETE":
            _require_what_it_hangs_on(here, record)
    sequence = 0
    for action, record in changes.carry_out(zone, asked, lambda name: layout.records_at(here, zone.id, name)):
        write = layout.delete_record if action == "DELETE" else layout.put_record
        sequence = write(here, record)
    return {"ChangeInfo": submitted(here, sequence, change_batch.get("Comment", ""))}


def _require_what_it_hangs_on(here: Here, record: RecordSet) -> None:
    if record.health_check_id:
        _require_check(here, record.health_check_id)
    if record.cidr is not None:
        collection = layout.cidr(here, record.cidr.collection_id)
        if collection is None:
            raise InvalidChangeBatch(f"The CIDR collection {record.cidr.collection_id} doesn't exist.")
        if record.cidr.location not in ("*", *collection.locations):
            raise InvalidChangeBatch(f"The CIDR collection {collection.id} has no location {record.cidr.location}.")


def _require_check(here: Here, check_id: str) -> None:
    try:
        layout.check(here, check_id)
    except NoSuchHealthCheck as error:
        raise InvalidChangeBatch(error.message) from error


@reads
def get_change(here: Here, id: str) -> dict[str, Any]:
    change_id = id.rsplit("/", 1)[-1]
    found = layout.change(here, change_id)
    if found is None:
        raise NoSuchChange(f"Could not find resource with ID: {change_id}")
    submitted_at, sequence = found
    return {"ChangeInfo": describe.change(change_id, submitted_at, change_status(here, sequence))}


@reads
def list_resource_record_sets(
    here: Here,
    hosted_zone_id: str,
    start_record_name: str = "",
    start_record_type: str = "",
    start_record_identifier: str = "",
    max_items: str | int = RECORDS_PAGE_MAX,
) -> dict[str, Any]:
    zone = layout.zone(here, hosted_zone_id)
    size = page_size(max_items, RECORDS_PAGE_MAX)
    if start_record_type and not start_record_name:
        raise InvalidInput("The input is not valid: a record type needs a record name")
    if start_record_identifier and not start_record_type:
        raise InvalidInput("The input is not valid: a record identifier needs a record name and a record type")
    if start_record_name:
        name = normal_name(start_record_name)
        records = layout.records_from(here, zone.id, name, start_record_type, start_record_identifier)
    else:
        records = layout.records(here, zone.id)
    found = list(islice(records, size + 1))
    page: dict[str, Any] = {
        "ResourceRecordSets": [describe.record(record) for record in found[:size]],
        "IsTruncated": len(found) > size,
        "MaxItems": str(size),
    }
    if len(found) > size:
        following = found[size]
        page |= {"NextRecordName": following.name, "NextRecordType": following.type}
        if following.set_identifier:
            page["NextRecordIdentifier"] = following.set_identifier
    return page
