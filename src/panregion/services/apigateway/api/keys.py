"""API keys, and the account's settings."""

from typing import Any

import msgspec

from panregion.services import Here, reads
from panregion.services.apigateway import layout
from panregion.services.apigateway.api.pages import page
from panregion.services.apigateway.errors import BadRequestException, ConflictException
from panregion.services.apigateway.model import API_ID_LENGTH, API_KEY_LENGTH, Account, ApiKey, describe
from panregion.services.apigateway.patch import Operations, patched, rules

KEY_RULES = rules(replace="/name /description /enabled /customerId")
ACCOUNT_RULES = rules(anyway="/cloudwatchRoleArn")

API_KEY_LENGTH_MIN = 20

ACCOUNT_AT_FIRST = Account(
    throttle_settings={"burstLimit": 5000, "rateLimit": 10000.0}, features=["UsagePlans"], api_key_version="4"
)


def create_api_key(
    here: Here,
    name: str | None = None,
    description: str | None = None,
    enabled: bool = False,
    value: str | None = None,
    stage_keys: list[dict[str, str]] | None = None,
    customer_id: str | None = None,
    tags: dict[str, str] | None = None,
) -> dict[str, Any]:
    if value is not None and len(value) < API_KEY_LENGTH_MIN:
        raise BadRequestException("API Key value should be at least 20 characters")
    if value and layout.api_key_of(here.tx, value):
        raise ConflictException("API Key already exists")
    now = int(here.now())
    key = ApiKey(
        id=here.world.chance.token(API_ID_LENGTH),
        value=value or here.world.chance.token(API_KEY_LENGTH),
        enabled=enabled,
        created_date=now,
        last_updated_date=now,
        stage_keys=[f"{stage['restApiId']}/{stage['stageName']}" for stage in stage_keys or []],
        name=name,
        customer_id=customer_id,
        description=description,
        tags=tags or None,
    )
    return describe(layout.put_api_key(here.tx, key))


@reads
def get_api_key(here: Here, api_key: str, include_value: bool = False) -> dict[str, Any]:
    return described(layout.API_KEYS.require(here.tx, api_key), include_value)


@reads
def get_api_keys(
    here: Here,
    position: str | None = None,
    limit: int | None = None,
    name_query: str | None = None,
    customer_id: str | None = None,
    include_values: bool = False,
) -> dict[str, Any]:
    keys = (
        described(key, include_values)
        for key in layout.API_KEYS.all(here.tx)
        if (key.name or "").startswith(name_query or "") and customer_id in (None, key.customer_id)
    )
    return page(keys, position, limit)


def update_api_key(here: Here, api_key: str, patch_operations: Operations | None = None) -> dict[str, Any]:
    new = patched(layout.API_KEYS.require(here.tx, api_key), patch_operations, KEY_RULES)
    new = msgspec.structs.replace(new, last_updated_date=int(here.now()))
    return described(layout.API_KEYS.put(here.tx, new, api_key), include_value=False)


def delete_api_key(here: Here, api_key: str) -> dict[str, Any]:
    layout.delete_api_key(here.tx, layout.API_KEYS.require(here.tx, api_key))
    for plan in layout.USAGE_PLANS.all(here.tx):
        layout.USAGE_PLAN_KEYS.delete(here.tx, plan.id, api_key)
    return {}


@reads
def get_account(here: Here) -> dict[str, Any]:
    return describe(layout.ACCOUNTS.find(here.tx) or ACCOUNT_AT_FIRST)


def update_account(here: Here, patch_operations: Operations | None = None) -> dict[str, Any]:
    old = layout.ACCOUNTS.find(here.tx) or ACCOUNT_AT_FIRST
    return describe(layout.ACCOUNTS.put(here.tx, patched(old, patch_operations, ACCOUNT_RULES)))


def described(key: ApiKey, include_value: bool) -> dict[str, Any]:
    """A key without its secret, unless that was asked for."""
    answer = describe(key)
    if not include_value:
        del answer["value"]
    return answer
