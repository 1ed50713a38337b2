"""One item in every region, and writing it as a user of a region would."""

from typing import Any

from panregion.console.aws import Away, Refused
from panregion.console.data import commands, forms, images
from panregion.console.site import Asked, Site
from panregion.control import ControlError
from panregion.world import Response


async def page(site: Site, asked: Asked, table: str) -> Response:
    """The item with ?key= in all regions; without a key a form for a new one."""
    key = asked.query.get("key", "")
    try:
        found = await site.control.item(table, key) if key else None
    except ControlError as error:
        return site.complaint("No such item", str(error), status=404, command=commands.of_item(table, key))
    row = next(iter(found["rows"]), None) if found is not None else None
    values: dict[str, Any] = {
        "table": table,
        "section": "Data",
        "title": "New item" if not key else forms.short(next(iter(forms.read(key, "key").values()))),
        "key": key,
        "found": found,
        "row": row,
        "lines": images.matrix(row, found["key"]) if row is not None and found is not None else [],
        "now_s": site.world.clock.now(),
        "command": commands.of_item(table, key),
    }
    if asked.headers["x-part"] == "item":
        return site.page("_item", **values)
    region = asked.query.get("region", "")
    if region not in site.settings.regions:
        region = site.settings.regions[0]
    text = forms.written(_image(row, region), indent=2) if row is not None else await _blank(site, region, table, key)
    return site.page("item", **values, region=region, text=text, put=_put(region, table, text))


def _image(row: dict[str, Any], region: str) -> dict[str, Any]:
    """What the region has; where it has nothing, what another one has."""
    held = [image["item"] for image in row["images"].values() if image["item"] is not None]
    return row["images"].get(region, {}).get("item") or (held[0] if held else row["key"] or {})


async def _blank(site: Site, region: str, table: str, key: str) -> str:
    """The key alone, its attributes empty where it is not known."""
    if key:
        return forms.written(forms.read(key, "key"), indent=2)
    try:
        told = (await site.aws.ask(region, "dynamodb", "describe_table", TableName=table))["Table"]
    except (Refused, Away):
        return "{}"
    kinds = {each["AttributeName"]: each["AttributeType"] for each in told["AttributeDefinitions"]}
    return forms.written(
        {each["AttributeName"]: {kinds[each["AttributeName"]]: ""} for each in told["KeySchema"]}, indent=2
    )


def _put(region: str, table: str, text: str) -> str:
    return commands.aws("put-item", region, table, {"item": " ".join(text.split())})
