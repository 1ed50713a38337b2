"""Route 53's CIDR collections: blocks of addresses by location, for IP-based routing."""

import ipaddress
from typing import Any

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
)
from panregion.services.route53.model import CidrCollection
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
    if any(collection.name == name for collection in layout.cidrs(here)):
        raise CidrCollectionAlreadyExistsException(f"A CIDR collection named {name} already exists.")
    del caller_reference
    collection = CidrCollection(here.world.chance.uuid(), name, 1)
    layout.put_cidr(here, collection)
    return {
        "Collection": {"Arn": _arn(collection), "Id": collection.id, "Name": name, "Version": 1},
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


@reads
def list_cidr_blocks(here: Here, collection_id: str, location_name: str = "") -> dict[str, Any]:
    collection = _require(here, collection_id)
    blocks = [
        {"CidrBlock": block, "LocationName": name}
        for name, its in sorted(collection.locations.items())
        for block in its
        if location_name in ("", name)
    ]
    return {"CidrBlocks": blocks}


@reads
def list_cidr_collections(here: Here) -> dict[str, Any]:
    return {
        "CidrCollections": [
            {"Arn": _arn(one), "Id": one.id, "Name": one.name, "Version": one.version} for one in layout.cidrs(here)
        ]
    }


@reads
def list_cidr_locations(here: Here, collection_id: str) -> dict[str, Any]:
    return {"CidrLocations": [{"LocationName": name} for name in sorted(_require(here, collection_id).locations)]}
