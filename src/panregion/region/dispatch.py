"""Running operations: in a caller's transaction, in one of their own, or in another region over the link."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeVar

import msgspec

from panregion.region.catalogue import INTERNAL, Catalogue, NotImplementedByPanregion, Operation
from panregion.region.faults.decide import Decision
from panregion.services import Here, ResourceType
from panregion.services.waiting import MustWait
from panregion.store import StoreError, StoreFull, Transaction
from panregion.wire import AwsError, check
from panregion.world import ClientError, ClientTimeout, HttpClient

CALL_PATH = "/_panregion/call"
CALL_TIMEOUT_S = 60.0

Params = dict[str, Any]
T = TypeVar("T")


class InternalServerError(AwsError):
    """The region could not keep what it was told."""

    status = 500


class ServiceUnavailable(AwsError):
    """Another region did not answer."""

    status = 503


class Faults(Protocol):
    """What calls suffer (region/faults)."""

    def decide(self, service: str, operation: str) -> Decision | None:
        """The delay and the error that a call gets; None: neither."""

    async def suffer(self, service: str, operation: str) -> None:
        """Wait for the one, raise the other."""


class RegionDispatch:
    """How a region finds and runs operations. `client_to(site)` gives an HTTP client over the link to that site."""

    def __init__(self, catalogue: Catalogue, client_to: Callable[[str], HttpClient]) -> None:
        self._catalogue = catalogue
        self._client_to = client_to
        self._clients: dict[str, HttpClient] = {}
        self.faults: Faults | None = None
        """What calls suffer while faults are live; None: nothing."""

    @property
    def resource_types(self) -> Mapping[str, ResourceType]:
        return self._catalogue.resource_types

    def client(self, site: str) -> HttpClient:
        found = self._clients.get(site)
        if found is None:
            found = self._clients[site] = self._client_to(site)
        return found

    def call(self, here: Here, service: str, operation: str, params: Params) -> Params:
        found = self._catalogue.operation(service, operation)
        if self.faults is not None and not operation.startswith(INTERNAL):
            decision = self.faults.decide(service, operation)
            if decision is not None and decision.error is not None:
                raise decision.error  # there is nobody to wait in a transaction: a delay is not felt
        assert not found.waits, f"{service} {operation} waits on the world: no transaction can hold it"
        try:
            output: Params = _decoded(found.function(here, **found.arguments(params)) or {})
            return output
        except MustWait as error:
            text = f"panregion's {service} {operation} waits on other regions, and cannot be part of another operation"
            raise NotImplementedByPanregion(text) from error

    async def request(self, here: Here, service: str, operation: str, params: Params) -> Params:
        entry = self._catalogue.entry(service)
        if entry is not None and entry.home is not None:
            home = here.settings.home(entry.home)
            if home != here.region:
                return await self.request_elsewhere(here, service, operation, params, home)
        found = self._catalogue.operation(service, operation)
        if not operation.startswith(INTERNAL):
            check(service, operation, params)
        output: Params = _decoded(await self.run(here, found, params))
        return output

    async def run(self, here: Here, operation: Operation, params: Params, request_id: str | None = None) -> Params:
        """Run an operation whose parameters have been checked. Raises AwsError."""
        if self.faults is not None and not operation.name.startswith(INTERNAL):
            await self.faults.suffer(operation.service, operation.name)
        return await self.run_with(here, operation, operation.arguments(params), request_id or here.request_id)

    async def run_with(self, here: Here, operation: Operation, arguments: Params, request_id: str) -> Params:
        """Run an operation with its function's own arguments. Raises AwsError."""
        if operation.waits:
            try:
                return await operation.function(here.serving(request_id), **arguments) or {}
            except StoreError as error:
                raise _not_kept(here, error) from error
        if operation.foresees is not None and (instead := operation.foresees(here, arguments)) is not None:
            return await instead(here.serving(request_id), operation.function, arguments)
        try:
            if operation.reads:
                return self.read(here, operation, arguments, request_id)
            function = operation.function
            return await here.store.transact(lambda tx: function(here.within(tx, request_id), **arguments)) or {}
        except MustWait as waiting:
            return await waiting.instead(here.serving(request_id), operation.function, arguments)
        except StoreError as error:
            raise _not_kept(here, error) from error

    async def keep(self, here: Here, step: Callable[[Transaction], T]) -> T:
        """Run a step whole in one transaction. Raises AwsError."""
        try:
            return await here.store.transact(step)
        except StoreError as error:
            raise _not_kept(here, error) from error

    @staticmethod
    def read(here: Here, operation: Operation, arguments: Params, request_id: str) -> Params:
        """Run one that reads, on what is committed. Raises AwsError, MustWait."""
        return operation.function(here.within(here.store.committed, request_id), **arguments) or {}

    async def request_elsewhere(self, here: Here, service: str, operation: str, params: Params, region: str) -> Params:
        """Ask another region over the link. Raises what it raised, or ServiceUnavailable where nothing came back."""
        if region not in here.settings.regions:
            regions = ", ".join(here.settings.regions)
            raise AwsError.of("InvalidRegion", f"{region} is not a region of this world; it has {regions}")
        body = msgspec.msgpack.encode({"service": service, "operation": operation, "params": params})
        url = here.settings.endpoint(region) + CALL_PATH
        try:
            response = await self.client(region).send("POST", url, [], body, timeout_s=CALL_TIMEOUT_S)
        except ClientTimeout as error:
            raise ServiceUnavailable(f"{region} did not answer {here.region} in time") from error
        except ClientError as error:
            raise ServiceUnavailable(f"{here.region} cannot reach {region}: {error}") from error
        assert isinstance(response.body, bytes)
        if response.status != 200:
            raise ServiceUnavailable(f"{region} answered {here.region} with {response.status}")
        answer = msgspec.msgpack.decode(response.body)
        if "error" in answer:
            raise AwsError.of(**answer["error"])
        output: Params = answer["output"]
        return output

    async def close(self) -> None:
        for client in self._clients.values():
            await client.close()


def _not_kept(here: Here, error: StoreError) -> InternalServerError:
    if isinstance(error, StoreFull):
        return InternalServerError(f"{here.region} has no room on its disk: the write was not kept")
    return InternalServerError(f"{here.region} could not keep the write: {error}")


def _decoded(value: Any) -> Any:
    """An output as a caller in this process may use it: what is ready for the wire already (msgspec.Raw) as values."""
    if type(value) is dict:
        return {name: _decoded(inner) for name, inner in value.items()}
    if type(value) is list:
        return [_decoded(inner) for inner in value]
    return msgspec.json.decode(value) if isinstance(value, msgspec.Raw) else value


async def answer_call(dispatch: RegionDispatch, here: Here, body: bytes) -> bytes:
    """The other end of `request_elsewhere`: run what another region asks, and pack what came of it."""
    asked = msgspec.msgpack.decode(body)
    try:
        output = await dispatch.request(here, asked["service"], asked["operation"], asked["params"])
    except AwsError as error:
        status = error.status if error.has_own_status else None  # else the model says it, where the answer goes out
        told = {"code": error.code, "message": error.message, "status": status, **error.fields}
        return msgspec.msgpack.encode({"error": told})
    return msgspec.msgpack.encode({"output": output})
