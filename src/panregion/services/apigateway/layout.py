"""Where API Gateway keeps things.

("apigateway", "api", api)                          -> RestApi
("apigateway", "resource", api, id)                 -> Resource, its methods and integrations within
("apigateway", "model", api, name)                  -> Model
("apigateway", "authorizer", api, id)               -> Authorizer
("apigateway", "validator", api, id)                -> RequestValidator
("apigateway", "gateway_response", api, type)       -> GatewayResponse
("apigateway", "deployment", api, id)               -> Deployment
("apigateway", "snapshot", api, id)                 -> Snapshot, what that deployment froze
("apigateway", "stage", api, name)                  -> Stage
("apigateway", "domain", name)                      -> DomainName
("apigateway", "mapping", domain, base path)        -> BasePathMapping
("apigateway", "api_key", id)                       -> ApiKey
("apigateway", "api_key_of", value)                 -> the id of the ApiKey with that value
("apigateway", "usage_plan", id)                    -> UsagePlan
("apigateway", "usage_plan_key", plan, key)         -> UsagePlanKey
("apigateway", "usage", plan, key, day)             -> int, requests counted on that day
("apigateway", "granted", plan, key, day)           -> int, what is granted beyond the quota of the period from then
("apigateway", "account")                           -> Account
"""

from typing import Any, TypeVar

import msgspec

from panregion.services.apigateway.errors import NotFoundException
from panregion.services.apigateway.model import (
    Account,
    ApiKey,
    Authorizer,
    BasePathMapping,
    Deployment,
    DomainName,
    GatewayResponse,
    Model,
    Record,
    RequestValidator,
    Resource,
    RestApi,
    Snapshot,
    Stage,
    UsagePlan,
    UsagePlanKey,
)
from panregion.services.records import Table
from panregion.store import Transaction

R = TypeVar("R", bound=Record)


def _table(name: str, kind: type[R], missing: str) -> Table[R]:
    """`missing` words AWS's complaint about one that is not there."""
    return Table("apigateway", name, kind, lambda *ids: NotFoundException(missing.format(*ids)))


APIS = _table("api", RestApi, "Invalid API identifier specified {0}")
RESOURCES = _table("resource", Resource, "Invalid Resource identifier specified")
MODELS = _table("model", Model, "Invalid model name specified: {1}")
AUTHORIZERS = _table("authorizer", Authorizer, "Invalid Authorizer identifier specified")
VALIDATORS = _table("validator", RequestValidator, "Invalid Request Validator identifier specified")
GATEWAY_RESPONSES = _table("gateway_response", GatewayResponse, "Gateway response {1} not found")
DEPLOYMENTS = _table("deployment", Deployment, "Invalid Deployment identifier specified")
SNAPSHOTS = _table("snapshot", Snapshot, "Invalid Deployment identifier specified")
STAGES = _table("stage", Stage, "Invalid stage identifier specified")
DOMAINS = _table("domain", DomainName, "Invalid domain name identifier specified")
MAPPINGS = _table("mapping", BasePathMapping, "Invalid base path mapping identifier specified")
API_KEYS = _table("api_key", ApiKey, "Invalid API Key identifier specified")
USAGE_PLANS = _table("usage_plan", UsagePlan, "Invalid Usage Plan ID specified")
USAGE_PLAN_KEYS = _table("usage_plan_key", UsagePlanKey, "Invalid Usage Plan ID or API Key identifier specified")
ACCOUNTS = _table("account", Account, "Invalid account")

OF_AN_API: tuple[Table[Any], ...] = (
    *(RESOURCES, MODELS, AUTHORIZERS, VALIDATORS),
    *(GATEWAY_RESPONSES, DEPLOYMENTS, SNAPSHOTS, STAGES),
)
"""What goes when its API goes."""


def require_api(tx: Transaction, account_id: str, api_id: str) -> RestApi:
    """The API; AWS names the account in this complaint."""
    api = APIS.find(tx, api_id)
    if api is None:
        raise NotFoundException(f"Invalid API identifier specified {account_id}:{api_id}")
    return api


def put_api_key(tx: Transaction, key: ApiKey) -> ApiKey:
    """Keep a key, to be found by its value, too, which never changes."""
    tx.put(("apigateway", "api_key_of", key.value), key.id.encode())
    return API_KEYS.put(tx, key, key.id)


def api_key_of(tx: Transaction, value: str) -> ApiKey | None:
    """The key that has this value."""
    found = tx.get(("apigateway", "api_key_of", value))
    return None if found is None else API_KEYS.find(tx, found.decode())


def delete_api_key(tx: Transaction, key: ApiKey) -> None:
    tx.delete(("apigateway", "api_key_of", key.value))
    API_KEYS.delete(tx, key.id)


def usage(tx: Transaction, plan_id: str, key_id: str, day: str) -> int:
    """How many requests of that key the plan has counted on that day."""
    return _number(tx.get(("apigateway", "usage", plan_id, key_id, day)))


def usage_between(tx: Transaction, plan_id: str, key_id: str, first: str, last: str) -> int:
    """The same for some days, the last included."""
    place = ("apigateway", "usage", plan_id, key_id)
    counted = tx.range((*place, first), (*place, last + "\x00"))
    return sum(_number(value) for _, value in counted)


def put_usage(tx: Transaction, plan_id: str, key_id: str, day: str, count: int) -> None:
    tx.put(("apigateway", "usage", plan_id, key_id, day), msgspec.msgpack.encode(count))


def granted(tx: Transaction, plan_id: str, key_id: str, started: str) -> int:
    """What was granted to a key beyond its quota, in the period that began then; less than nothing: taken away."""
    return _number(tx.get(("apigateway", "granted", plan_id, key_id, started)))


def put_granted(tx: Transaction, plan_id: str, key_id: str, started: str, count: int) -> None:
    tx.put(("apigateway", "granted", plan_id, key_id, started), msgspec.msgpack.encode(count))


def _number(found: bytes | None) -> int:
    return 0 if found is None else msgspec.msgpack.decode(found, type=int)


def delete_usage(tx: Transaction, plan_id: str) -> None:
    for kind in ("usage", "granted"):
        for key in [key for key, _ in tx.prefix(("apigateway", kind, plan_id))]:
            tx.delete(key)
