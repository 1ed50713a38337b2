"""Puts the restaurants into the master region's table, from where they are copied to the others like any change.

    python seed/load.py --region us-east-1 --table food-catalog-restaurants
    python seed/load.py --once --copies eu-west-1,eu-central-1      nothing if they are there; waits for the copies

Where AWS_ENDPOINT_URL says so, it is that endpoint's table. What is there already under the same id is replaced.
"""

import argparse
import json
import time
import uuid
from decimal import Decimal

import boto3

from generated import restaurants


def main() -> None:
    options = argparse.ArgumentParser(description="Load 200 restaurants into the catalog.")
    options.add_argument("--region", default="us-east-1", help="the master region")
    options.add_argument("--table", default="food-catalog-restaurants")
    options.add_argument("--once", action="store_true", help="write nothing if as many are there already")
    options.add_argument("--copies", default="", help="regions, by comma, that are waited for until they have them too")
    given = options.parse_args()
    master, *copies = (
        boto3.resource("dynamodb", region_name=region).Table(given.table)
        for region in [given.region, *filter(None, given.copies.split(","))]
    )
    if not (given.once and is_there(master)):
        load(master)
    print(f"{len(restaurants())} restaurants are in {given.table} of {given.region}")
    for copy in copies:
        while not is_there(copy):
            time.sleep(0.5)


def load(table) -> int:
    """How many were written."""
    now_ms = int(time.time() * 1000)
    items = [as_item(restaurant, now_ms) for restaurant in restaurants()]
    with table.batch_writer() as batch:
        for item in items:
            batch.put_item(Item=item)
    return len(items)


def is_there(table) -> bool:
    """Whether a table has them all (or as many)."""
    return table.scan(Select="COUNT")["Count"] >= len(restaurants())


def as_item(restaurant: dict, now_ms: int) -> dict:
    """As the catalog's functions keep it: versions begin with the time."""
    exact = json.loads(json.dumps(restaurant), parse_float=Decimal)
    return {**exact, "version": now_ms, "changed_ms": now_ms, "correlation_id": str(uuid.uuid4())}


if __name__ == "__main__":
    main()
