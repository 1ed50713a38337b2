"""Tags of REST APIs, stages, domain names, API keys and usage plans, by their ARNs."""

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import msgspec

from panregion.services import Here, reads
from panregion.services.apigateway import layout
from panregion.services.apigateway.errors import NotFoundException
from panregion.services.apigateway.model import Record
from panregion.services.records import Table

TABLES: dict[str, Table[Any]] = {
    "restapis": layout.APIS,
    "domainnames": layout.DOMAINS,
    "apikeys": layout.API_KEYS,
    "usageplans": layout.USAGE_PLANS,
}


@reads
def get_tags(here: Here, resource_arn: str) -> dict[str, Any]:
    table, ids = _find(resource_arn)
    return {"tags": table.require(here.tx, *ids).tags or {}}


def tag_resource(here: Here, resource_arn: str, tags: dict[str, str]) -> dict[str, Any]:
    return _change(here, resource_arn, lambda old: {**old, **tags})


def untag_resource(here: Here, resource_arn: str, tag_keys: list[str]) -> dict[str, Any]:
    return _change(here, resource_arn, lambda old: {k: v for k, v in old.items() if k not in tag_keys})


def _change(here: Here, arn: str, change: Callable[[dict[str, str]], dict[str, str]]) -> dict[str, Any]:
    table, ids = _find(arn)
    record: Record = table.require(here.tx, *ids)
    old: dict[str, str] = getattr(record, "tags", None) or {}
    table.put(here.tx, msgspec.structs.replace(record, tags=change(old) or None), *ids)
    return {}


def _find(arn: str) -> tuple[Table[Any], list[str]]:
    """arn:aws:apigateway:REGION::/restapis/ID[/stages/NAME] -> the table and the key in it."""
    _, _, path = unquote(arn).partition("::/")
    match path.split("/"):
        case ["restapis", api_id, "stages", stage]:
            return layout.STAGES, [api_id, stage]
        case [kind, name] if kind in TABLES:
            return TABLES[kind], [name]
    raise NotFoundException("Invalid resource ARN specified: " + arn)
