"""Tags of APIs and their stages, by ARN; domain names keep theirs in the other service."""

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import msgspec

from panregion.services import Here, reads
from panregion.services.apigatewayv2 import layout
from panregion.services.apigatewayv2.errors import NotFoundException
from panregion.services.records import Table


@reads
def get_tags(here: Here, resource_arn: str) -> dict[str, Any]:
    table, ids = _find(resource_arn)
    return {"Tags": table.require(here.tx, *ids).tags}


def tag_resource(here: Here, resource_arn: str, tags: dict[str, str]) -> dict[str, Any]:
    return _change(here, resource_arn, lambda old: {**old, **tags})


def untag_resource(here: Here, resource_arn: str, tag_keys: list[str]) -> dict[str, Any]:
    return _change(here, resource_arn, lambda old: {key: value for key, value in old.items() if key not in tag_keys})


def _change(here: Here, arn: str, change: Callable[[dict[str, str]], dict[str, str]]) -> dict[str, Any]:
    table, ids = _find(arn)
    record = table.require(here.tx, *ids)
    table.put(here.tx, msgspec.structs.replace(record, tags=change(record.tags)), *ids)
    return {}


def _find(arn: str) -> tuple[Table[Any], list[str]]:
    """arn:aws:apigateway:REGION::/apis/ID[/stages/NAME] -> the table and the key in it."""
    _, _, path = unquote(arn).partition("::/")
    match path.split("/"):
        case ["apis", api_id, "stages", stage]:
            return layout.STAGES, [api_id, stage]
        case ["apis", api_id]:
            return layout.APIS, [api_id]
    raise NotFoundException(f"Invalid resource identifier specified: {arn}")
