"""A region with API Gateway in it, and functions that are plain Python: what the tests of this service share."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec

from panregion.region import Region
from panregion.services import Here, ResourceType
from panregion.services.apigateway import SERVICE
from panregion.wire import AwsError
from panregion.world import HttpClient, ManualClock, Request, Response, SeededChance, World
from tests.support import region_in

Function = Callable[[Any], Any]
Answer = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]

FUNCTION_ARN = "arn:aws:lambda:us-east-1:000000000000:function:hello"
FUNCTION_URI = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{FUNCTION_ARN}/invocations"


class FunctionFailed(Exception):
    """Raised by a test's function: Lambda reports it as a function error."""


@dataclass
class FakeDispatch:
    """The region's own dispatch, but for the services that the test plays."""

    region: Region
    functions: dict[str, Function]
    services: dict[tuple[str, str], Answer]

    @property
    def resource_types(self) -> Mapping[str, ResourceType]:
        return self.region.dispatch.resource_types

    def call(self, here: Here, service: str, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        return self.region.dispatch.call(here, service, operation, params)

    async def request(self, here: Here, service: str, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        if (service, operation) in self.services:
            return await self.services[service, operation](params)
        if (service, operation) == ("lambda", "Invoke"):
            return await self.invoke(params)
        return await self.region.dispatch.request(here, service, operation, params)

    async def request_elsewhere(
        self, here: Here, service: str, operation: str, params: dict[str, Any], region: str
    ) -> dict[str, Any]:
        return await self.request(here, service, operation, {**params, "_region": region})

    def client(self, site: str) -> HttpClient:
        return self.region.dispatch.client(site)

    async def invoke(self, params: dict[str, Any]) -> dict[str, Any]:
        function = self.functions.get(params["FunctionName"])
        if function is None:
            raise AwsError.of("ResourceNotFoundException", f"Function not found: {params['FunctionName']}", 404)
        try:
            result = function(_payload(params["Payload"]))
            if isinstance(result, Awaitable):
                result = await result
        except FunctionFailed as error:
            payload = msgspec.json.encode({"errorMessage": str(error), "errorType": "FunctionFailed"})
            return {"StatusCode": 200, "FunctionError": "Unhandled", "Payload": payload}
        return {"StatusCode": 200, "Payload": result if isinstance(result, bytes) else msgspec.json.encode(result)}


def _payload(sent: bytes) -> Any:
    """What a template sends need not be JSON here: the tests look at it as it is."""
    try:
        return msgspec.json.decode(sent)
    except msgspec.DecodeError:
        return sent.decode()


class Lab:
    """Ask API Gateway, and call the APIs that it then serves."""

    def __init__(self, folder: Path) -> None:
        self.clock = ManualClock(1_428_582_896.0)
        self.region = region_in(folder, world=World(self.clock, SeededChance(7)))
        self.functions: dict[str, Function] = {}
        self.services: dict[tuple[str, str], Answer] = {}
        self.here = replace(self.region.here, dispatch=FakeDispatch(self.region, self.functions, self.services))

    async def ask(self, operation: str, /, **params: Any) -> dict[str, Any]:
        """An operation of API Gateway."""
        return await self.here.request("apigateway", operation, params)

    async def api(self, paths: Mapping[str, Any], **rest: Any) -> str:
        """An API from an OpenAPI document of these paths, deployed to the stage `prod`; its identifier."""
        document = {"swagger": "2.0", "info": {"title": "hello"}, "paths": paths, **rest}
        made = await self.ask("ImportRestApi", body=msgspec.json.encode(document))
        await self.ask("CreateDeployment", restApiId=made["id"], stageName="prod")
        return str(made["id"])

    async def send(self, request: Request) -> Response:
        """What a user's request gets."""
        assert SERVICE.plane is not None
        assert SERVICE.plane.matches(self.here, request)
        here = replace(self.here, request_id=self.here.world.chance.uuid())
        return await SERVICE.plane.handle(here, request)

    async def get(self, api_id: str, path: str, method: str = "GET", **given: Any) -> Response:
        """A request to the stage `prod` of an API, by its own name."""
        path, _, query = path.partition("?")
        headers = [("Host", f"{api_id}.execute-api.us-east-1.amazonaws.com"), *given.pop("headers", [])]
        return await self.send(Request(method, f"/prod{path}", query, headers, **given))


def proxy(arn: str = FUNCTION_ARN) -> dict[str, Any]:
    """An operation of an OpenAPI document, as SAM writes it."""
    uri = FUNCTION_URI.replace(FUNCTION_ARN, arn)
    return {
        "x-amazon-apigateway-integration": {"httpMethod": "POST", "type": "aws_proxy", "uri": uri},
        "responses": {},
    }


def json_of(response: Response) -> Any:
    """A response's body as a value."""
    assert isinstance(response.body, bytes)
    return msgspec.json.decode(response.body)
