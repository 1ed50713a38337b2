"""PUT and DELETE of restaurants, menus and dishes, in the master region alone; the others say where, and why not.

A change reads the restaurant, edits it, and writes it back unless somebody else was quicker; then it tries again.
`version` grows with every change, and begins with the time, so that a restaurant that was removed and comes back is
newer than it ever was: copies go by that.
"""

import contextlib
import os
import re
import time

from botocore.exceptions import ClientError

import fields
from common import log, places
from common.http import Refused, body_of, serve
from restaurants import table, whole

MASTER = os.environ["MASTER_REGION"]
ATTEMPTS = 5
ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


def handler(event, _context):
    return serve(ROUTES, event)


def put_restaurant(event, id):
    """Add a restaurant, or change what it says about itself; its menus stay."""
    about = fields.restaurant(body_of(event))
    return change(id, lambda item: {"id": id, "menus": {}, **(item or {}), **about})


def put_menu(event, id, menu):
    """Add a menu, or change its name and place; its dishes stay."""
    about = fields.menu(body_of(event))

    def edit(item):
        menus = menus_of(item, id)
        menus[menu] = {"dishes": {}, **menus.get(menu, {}), **about}
        return item

    return change(id, edit)


def put_dish(event, id, menu, dish):
    """Add a dish, or change it. Orders name dishes by their ids alone, so two menus cannot have the same one."""
    about = fields.dish(body_of(event))

    def edit(item):
        dishes = dishes_of(item, id, menu)
        if others := [name for name, other in item["menus"].items() if name != menu and dish in other["dishes"]]:
            raise Refused(409, "DishElsewhere", f"Menu {others[0]} of restaurant {id} has a dish {dish} already.")
        dishes[dish] = about
        return item

    return change(id, edit)


def delete_restaurant(_event, id):
    """The stream tells of a removal only what was there before it, so this request's id is put there first."""
    with contextlib.suppress(table.meta.client.exceptions.ConditionalCheckFailedException):  # there is none
        table.update_item(
            Key={"id": id},
            UpdateExpression="SET correlation_id = :this",
            ConditionExpression="attribute_exists(id)",
            ExpressionAttributeValues={":this": log.correlation_id()},
        )
    table.delete_item(Key={"id": id})
    log.info("removed", restaurant=id)
    return 200, {"id": id, "removed": True}


def delete_menu(_event, id, menu):
    def edit(item):
        menus_of(item, id).pop(menu, None)
        return item

    return change(id, edit)


def delete_dish(_event, id, menu, dish):
    def edit(item):
        dishes_of(item, id, menu).pop(dish, None)
        return item

    return change(id, edit)


def menus_of(item, id):
    if item is None:
        raise Refused(404, "NotFound", f"There is no restaurant {id}.")
    return item["menus"]


def dishes_of(item, id, menu):
    menus = menus_of(item, id)
    if menu not in menus:
        raise Refused(404, "NotFound", f"Restaurant {id} has no menu {menu}.")
    return menus[menu]["dishes"]


def change(id, edit):
    """Write what `edit` makes of the restaurant (None if there is none), one version further."""
    for _ in range(ATTEMPTS):
        before = table.get_item(Key={"id": id}, ConsistentRead=True).get("Item")
        version = before["version"] if before else 0
        now_ms = int(time.time() * 1000)
        item = {
            **edit(before),
            "version": version + 1 if before else now_ms,
            "changed_ms": now_ms,
            "correlation_id": log.correlation_id(),
        }
        if written(item, version):
            log.info("changed", restaurant=id, version=item["version"])
            return 200, whole(item)
    raise Refused(409, "Busy", f"Restaurant {id} is being changed by somebody else. Please try again.")


def written(item, after):
    """Whether the item could be put in place of version `after`; 0 is a restaurant that was not there."""
    try:
        table.put_item(
            Item=item,
            ConditionExpression="version = :after" if after else "attribute_not_exists(id)",
            **({"ExpressionAttributeValues": {":after": after}} if after else {}),
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        return False
    return True


def in_master(route):
    """The route, with the ids of the path, if this is the region for it."""

    def guarded(event):
        if places.HERE != MASTER:
            why = f"the catalog is changed in {MASTER} alone, and this is {places.HERE}"
            text = f"Updates are not possible now: {why}. Browsing and ordering go on."
            raise Refused(503, "NotMaster", text, master=MASTER)
        given = event["pathParameters"]
        ids = [given[name] for name in ("id", "menu", "dish") if name in given]
        if not all(map(ID.fullmatch, ids)):
            raise Refused(400, "BadRequest", "Ids have 1 to 64 small letters, digits and hyphens.")
        return route(event, *ids)

    return guarded


ROUTES = {
    "PUT /restaurants/{id}": in_master(put_restaurant),
    "DELETE /restaurants/{id}": in_master(delete_restaurant),
    "PUT /restaurants/{id}/menus/{menu}": in_master(put_menu),
    "DELETE /restaurants/{id}/menus/{menu}": in_master(delete_menu),
    "PUT /restaurants/{id}/menus/{menu}/dishes/{dish}": in_master(put_dish),
    "DELETE /restaurants/{id}/menus/{menu}/dishes/{dish}": in_master(delete_dish),
}
