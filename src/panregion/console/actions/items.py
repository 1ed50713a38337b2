"""Writing and deleting an item as a user of a region does: by that region's AWS API."""

from typing import Any

from panregion.console.actions.action import Action, Given, Missing
from panregion.console.data import commands, forms
from panregion.console.site import Site

CONDITION = ("condition", "names", "values")
OPTIONS = {
    "condition": "condition-expression",
    "names": "expression-attribute-names",
    "values": "expression-attribute-values",
}
"""A field, and the option of AWS's CLI that it is."""


def _command(operation: str, given: Given, **options: str) -> str:
    more = {option: given.get(field) for field, option in OPTIONS.items()}
    return commands.aws(operation, given["region"], given["table"], {**options, **more})


async def _ask(site: Site, operation: str, given: Given, **params: Any) -> None:
    try:
        if given["condition"]:
            params["ConditionExpression"] = given["condition"]
        if given["names"]:
            params["ExpressionAttributeNames"] = forms.read(given["names"], "attribute names")
        if given["values"]:
            params["ExpressionAttributeValues"] = forms.read(given["values"], "attribute values")
    except forms.NotJson as error:
        raise Missing(str(error)) from error
    _check(site, given["region"])
    await site.aws.ask(given["region"], "dynamodb", operation, TableName=given["table"], **params)


def _check(site: Site, region: str) -> None:
    if region not in site.settings.regions:
        raise Missing(f"{region[:40]!r} is not a region of this world; it has {', '.join(site.settings.regions)}")


def _object(given: Given, field: str) -> dict[str, Any]:
    try:
        return forms.read(given[field], field)
    except forms.NotJson as error:
        raise Missing(str(error)) from error


async def _put(site: Site, given: Given) -> str:
    await _ask(site, "put_item", given, Item=_object(given, "item"))
    return f"An item was put into {given['table']} in {given['region']}"


async def _delete(site: Site, given: Given) -> str:
    await _ask(site, "delete_item", given, Key=_object(given, "key"))
    return f"An item was deleted from {given['table']} in {given['region']}"


PUT = Action(
    "Put the item",
    ("region", "table", "item"),
    lambda given: _command("put-item", given, item=given["item"]),
    _put,
    optional=CONDITION,
)
DELETE = Action(
    "Delete the item",
    ("region", "table", "key"),
    lambda given: _command("delete-item", given, key=given["key"]),
    _delete,
    lambda given: (
        f"The item {given['key']} of {given['table']} is deleted by way of {given['region']}, and so in every region "
        "that the table is replicated to."
    ),
    optional=CONDITION,
)
