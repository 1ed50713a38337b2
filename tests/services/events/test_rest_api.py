"""A rule whose target is a REST API of the same world, all the way to what stands behind the API."""

import json
from pathlib import Path
from typing import Any

from panregion.region import Region
from panregion.region.table import Entry
from panregion.store import MemoryEngine
from panregion.world import Request, Response, direct_dial, serve
from panregion.world.settings import Ports
from tests.services.events.lab import TABLE
from tests.services.sns.lab import eventually
from tests.support import REGION, settings_in


async def test_an_event_reaches_what_is_behind_an_api(tmp_path: Path) -> None:
    seen: list[Request] = []

    async def behind(request: Request) -> Response:
        seen.append(request)
        return Response(200, [], b"{}")

    web = await serve(behind, "127.0.0.1", 0)
    free = await serve(behind, "127.0.1.1", 0)
    await free.close()
    table = {**TABLE, "apigateway": Entry("panregion.services.apigateway", plane=True)}
    settings = settings_in(tmp_path, ports=Ports(gateway=free.port))
    region = Region(REGION, settings, MemoryEngine(), lambda _site: direct_dial, None, table)
    await region.start()
    await region.serve("127.0.1.1", free.port)

    async def ask(service: str, operation: str, **params: Any) -> dict[str, Any]:
        return await region.ask(service, operation, params)

    api = (await ask("apigateway", "CreateRestApi", name="a"))["id"]
    (root,) = (await ask("apigateway", "GetResources", restApiId=api))["items"]
    orders = await ask("apigateway", "CreateResource", restApiId=api, parentId=root["id"], pathPart="orders")
    one = await ask("apigateway", "CreateResource", restApiId=api, parentId=orders["id"], pathPart="{id}")
    place = {"restApiId": api, "resourceId": one["id"], "httpMethod": "POST"}
    await ask("apigateway", "PutMethod", **place, authorizationType="NONE")
    uri = f"http://127.0.0.1:{web.port}/seen"
    await ask("apigateway", "PutIntegration", **place, type="HTTP_PROXY", integrationHttpMethod="POST", uri=uri)
    await ask("apigateway", "CreateDeployment", restApiId=api, stageName="live")

    await ask("events", "PutRule", Name="r", EventPattern='{"source": ["app"]}')
    arn = f"arn:aws:execute-api:{REGION}:000000000000:{api}/live/POST/orders/*"
    http = {"PathParameterValues": ["$.detail.id"], "HeaderParameters": {"X-Kind": "$.detail-type"}}
    target = {"Id": "1", "Arn": arn, "HttpParameters": http, "InputPath": "$.detail"}
    await ask("events", "PutTargets", Rule="r", Targets=[target])
    entry = {"Source": "app", "DetailType": "placed", "Detail": '{"id": "7"}'}
    await ask("events", "PutEvents", Entries=[entry])

    async def arrived() -> bool:
        return bool(seen)

    await eventually(arrived)
    assert (seen[0].method, seen[0].path, json.loads(seen[0].body)) == ("POST", "/seen", {"id": "7"})
    assert seen[0].header("x-kind") == "placed"
    await region.stop()
    await web.close()
