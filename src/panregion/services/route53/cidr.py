"""Route 53's CIDR collections: blocks of addresses by location, for IP-based routing."""

import ipaddress
from typing import Any, TypeVar

import msgspec

from panregion.services.here import Here
from panregion.services.route53 import describe, layout
from panregion.services.route53.errors import (
    CidrBlockInUseException,
    CidrCollectionAlreadyExistsException,
    CidrCollectionInUseException,
    CidrCollectionVersionMismatchException,
    InvalidInput,
    NoSuchCidrCollectionException,
    NoSuchCidrLocationException,
)
from panregion.services.route53.model import CidrCollection
from panregion.services.route53.paging import PAGE_MAX, page_size
from panregion.services.service import reads

BLOCKS_MAX = 1000


def _require(here: Here, collection_id: str) -> CidrCollection:
    found = layout.cidr(here, collection_id)
    if found is None:
        raise NoSuchCidrCollectionException(f"The CIDR collection {collection_id} doesn't exist.")
    return found


def _arn(collection: CidrCollection) -> str:
    return f"arn:aws:route53:::cidrcollection/{collection.id}"


def create_cidr_collection(here: Here, name: str, caller_reference: str) -> dict[str, Any]:
    existing = next((each for each in layout.cidrs(here) if each.name == name), None)
    if existing is not None and existing.caller_reference == caller_reference:
        return _created(existing)
    if existing is not None:
        raise CidrCollectionAlreadyExistsException(f"A CIDR collection named {name} already exists.")
    collection = CidrCollection(here.world.chance.uuid(), name, 1, caller_reference=caller_reference)
    layout.put_cidr(here, collection)
    return _created(collection)


def _created(collection: CidrCollection) -> dict[str, Any]:
    shown = {"Arn": _arn(collection), "Id": collection.id, "Name": collection.name, "Version": collection.version}
    return {
        "Collection": shown,
        "Location": f"{describe.ENDPOINT}/cidrcollection/{collection.id}",
    }


def change_cidr_collection(
    here: Here, id: str, changes: list[dict[str, Any]], collection_version: int | None = None
) -> dict[str, Any]:
    collection = _require(here, id)
    if collection_version is not None and collection_version != collection.version:
        raise CidrCollectionVersionMismatchException(f"The collection's version is {collection.version}")
    locations = {name: list(blocks) for name, blocks in collection.locations.items()}
    for change in changes:
        blocks = [_block(text) for text in change["CidrList"]]
        if change["Action"] == "PUT":
            _put(locations, change["LocationName"], blocks)
        else:
            left = [block for block in locations.get(change["LocationName"], []) if block not in blocks]
            locations[change["LocationName"]] = left
    kept = {name: tuple(blocks) for name, blocks in locations.items() if blocks}
    if sum(map(len, kept.values())) > BLOCKS_MAX:
        raise InvalidInput(f"A CIDR collection has at most {BLOCKS_MAX} blocks")
    layout.put_cidr(here, msgspec.structs.replace(collection, locations=kept, version=collection.version + 1))
    return {"Id": collection.id}


def _block(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text))
    except ValueError as error:
        raise InvalidInput(f"{text} is not a CIDR block") from error


def _put(locations: dict[str, list[str]], name: str, blocks: list[str]) -> None:
    for block in blocks:
        owner = next((other for other, its in locations.items() if block in its and other != name), None)
        if owner is not None:
            raise CidrBlockInUseException(f"The CIDR block {block} is in use by the location {owner}")
    here = locations.setdefault(name, [])
    here += [block for block in blocks if block not in here]


def delete_cidr_collection(here: Here, id: str) -> dict[str, Any]:
    collection = _require(here, id)
    if collection.locations:
        raise CidrCollectionInUseException("This CIDR collection is in use, and isn't empty.")
    layout.delete_cidr(here, collection)
    return {}


T = TypeVar("T")


def _page(found: list[T], next_token: str, max_results: str | int) -> tuple[list[T], dict[str, str]]:
    """One page of a list, and the token of the next, which is the number of its first element."""
    size = page_size(max_results)
    start = int(next_token) if next_token.isdigit() else 0
    if next_token and (not next_token.isdigit() or start >= len(found)):
        raise InvalidInput("Invalid request: NextToken is none of this list's")
    following = {"NextToken": str(start + size)} if len(found) > start + size else {}
    return found[start : start + size], following


@reads
def list_cidr_blocks(
    here: Here, collection_id: str, location_name: str = "", next_token: str = "", max_results: str | int = PAGE_MAX
) -> dict[str, Any]:
    collection = _require(here, collection_id)
    if location_name and location_name not in collection.locations:
        raise NoSuchCidrLocationException(f"The CIDR collection location {location_name} doesn't exist.")
    blocks = [
        {"CidrBlock": block, "LocationName": name}
        for name, its in sorted(collection.locations.items())
        for block in its
        if location_name in ("", name)
    ]
    page, following = _page(blocks, next_token, max_results)
    return {"CidrBlocks": page, **following}


@reads
def list_cidr_collections(here: Here, next_token: str = "", max_results: str | int = PAGE_MAX) -> dict[str, Any]:
    page, following = _page(list(layout.cidrs(here)), next_token, max_results)
    shown = [{"Arn": _arn(one), "Id": one.id, "Name": one.name, "Version": one.version} for one in page]
    return {"CidrCollections": shown, **following}


@reads
def list_cidr_locations(
    here: Here, collection_id: str, next_token: str = "", max_results: str | int = PAGE_MAX
) -> dict[str, Any]:
    names = sorted(_require(here, collection_id).locations)
    page, following = _page(names, next_token, max_results)
    return {"CidrLocations": [{"LocationName": name} for name in page], **following}
