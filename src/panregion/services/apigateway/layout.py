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

from collections.abc import Iterator
from typing import Any, Generic, TypeVar

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
from panregion.store import Transaction

R = TypeVar("R", bound=Record)


class Table(Generic[R]):
    """All records of one kind; `missing` words AWS's complaint about one that is not there."""

    def __init__(self, name: str, kind: type[R], missing: str) -> None:
        self._name = name
        self._decoder = msgspec.msgpack.Decoder(kind)
        self._missing = missing

    def find(self, tx: Transaction, *ids: str) -> R | None:
        found = tx.get(("apigateway", self._name, *ids))
        return None if found is None else self._decoder.decode(found)

    def require(self, tx: Transaction, *ids: str) -> R:
        """The record, or AWS's NotFoundException."""
        found = self.find(tx, *ids)
        if found is None:
            raise NotFoundException(self._missing.format(*ids))
        return found

    def put(self, tx: Transaction, record: R, *ids: str) -> R:
        tx.put(("apigateway", self._name, *ids), msgspec.msgpack.encode(record))
        return record

    def delete(self, tx: Transaction, *ids: str) -> None:
        tx.delete(("apigateway", self._name, *ids))

    def all(self, tx: Transaction, *ids: str) -> Iterator[R]:
        """Every record below these ids, in the order of the rest of their keys."""
        for _, value in tx.prefix(("apigateway", self._name, *ids)):
            yield self._decoder.decode(value)

    def delete_all(self, tx: Transaction, *ids: str) -> None:
        """Delete every record below these ids."""
        for key in [key for key, _ in tx.prefix(("apigateway", self._name, *ids))]:
            tx.delete(key)


APIS = Table("api", RestApi, "Invalid API identifier specified {0}")
RESOURCES = Table("resource", Resource, "Invalid Resource identifier specified")
MODELS = Table("model", Model, "Invalid model name specified: {1}")
AUTHORIZERS = Table("authorizer", Authorizer, "Invalid Authorizer identifier specified")
VALIDATORS = Table("validator", RequestValidator, "Invalid Request Validator identifier specified")
GATEWAY_RESPONSES = Table("gateway_response", GatewayResponse, "Gateway response {1} not found")
DEPLOYMENTS = Table("deployment", Deployment, "Invalid Deployment identifier specified")
SNAPSHOTS = Table("snapshot", Snapshot, "Invalid Deployment identifier specified")
STAGES = Table("stage", Stage, "Invalid stage identifier specified")
DOMAINS = Table("domain", DomainName, "Invalid domain name identifier specified")
MAPPINGS = Table("mapping", BasePathMapping, "Invalid base path mapping identifier specified")
API_KEYS = Table("api_key", ApiKey, "Invalid API Key identifier specified")
USAGE_PLANS = Table("usage_plan", UsagePlan, "Invalid Usage Plan ID specified")
USAGE_PLAN_KEYS = Table("usage_plan_key", UsagePlanKey, "Invalid Usage Plan ID or API Key identifier specified")
ACCOUNTS = Table("account", Account, "Invalid account")

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
