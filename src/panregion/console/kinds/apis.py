"""API Gateway: REST, HTTP and WebSocket APIs, where they answer, and what is behind each route."""

import asyncio
import re
from typing import Any

from panregion.console import words
from panregion.console.aws import Refused
from panregion.console.kinds.queues import function_of
from panregion.console.kinds.section import Cell, Facts, Part, Section, aws, beside
from panregion.console.site import Site

Json = dict[str, Any]
API_COLUMNS = ("API", "Kind", "Answers at", "Made (UTC)", "Description")
DOMAIN_COLUMNS = ("Name", "Leads to", "Regional name")
ROUTE_COLUMNS = ("Route", "Integration", "Behind it", "Who may")
FUNCTION = re.compile(r"functions/(arn:[^/]+)/invocations$")


async def of_region(site: Site, region: str, _status: Json) -> list[Any]:
    """APIs of the three kinds, and the names that lead to them."""
    rest = Section("REST APIs", aws("apigateway", "get-rest-apis", region), API_COLUMNS, empty="No REST API is here.")
    other = Section(
        "HTTP and WebSocket APIs", aws("apigatewayv2", "get-apis", region), API_COLUMNS, empty="There is none."
    )
    names = Section("Names of APIs", aws("apigateway", "get-domain-names", region), DOMAIN_COLUMNS)
    return await beside((rest, _rest(site, region)), (other, _others(site, region)), (names, _names(site, region)))


async def _rest(site: Site, region: str) -> Section:
    apis = await site.aws.all(region, "apigateway", "get_rest_apis", "items")
    stages = await asyncio.gather(
        *(site.aws.ask(region, "apigateway", "get_stages", restApiId=api["id"]) for api in apis)
    )
    rows = [
        _api(
            region,
            api["id"],
            "REST",
            api,
            [rest_url(region, api["id"], stage["stageName"]) for stage in answer["item"]],
        )
        for api, answer in zip(apis, stages, strict=True)
    ]
    command = aws("apigateway", "get-rest-apis", region)
    return Section("REST APIs", command, API_COLUMNS, rows, "No REST API is here.", "panregion deploy template.yaml")


def rest_url(region: str, id: str, stage: str) -> str:
    """Where a stage of a REST API answers."""
    return f"https://{id}.execute-api.{region}.amazonaws.com/{stage}"


async def _others(site: Site, region: str) -> Section:
    apis = await site.aws.all(region, "apigatewayv2", "get_apis", "Items")
    stages = await asyncio.gather(
        *(site.aws.all(region, "apigatewayv2", "get_stages", "Items", ApiId=api["ApiId"]) for api in apis)
    )
    rows = [
        _api(region, api["ApiId"], api["ProtocolType"], api, urls(api, found))
        for api, found in zip(apis, stages, strict=True)
    ]
    command, title = aws("apigatewayv2", "get-apis", region), "HTTP and WebSocket APIs"
    return Section(title, command, API_COLUMNS, rows, "There is none.", "panregion deploy template.yaml")


def urls(api: Json, stages: list[Json]) -> list[str]:
    """Where the stages of an HTTP or WebSocket API answer; the default one has no path of its own."""
    base = api.get("ApiEndpoint", "")
    return [base if stage["StageName"] == "$default" else f"{base}/{stage['StageName']}" for stage in stages]


def _api(region: str, id: str, kind: str, api: Json, found: list[str]) -> list[str | Cell]:
    made = api.get("createdDate") or api.get("CreatedDate")
    return [
        Cell.link(api.get("name") or api.get("Name", id), "regions", region, "apis", id, note=id),
        kind,
        Cell(", ".join(found) or "no stage: nothing answers", mono=bool(found)),
        words.date(made.timestamp() if made else None),
        api.get("description") or api.get("Description", ""),
    ]


async def _names(site: Site, region: str) -> Section:
    domains = await site.aws.all(region, "apigateway", "get_domain_names", "items")
    mappings = await asyncio.gather(
        *(
            site.aws.ask(region, "apigateway", "get_base_path_mappings", domainName=domain["domainName"])
            for domain in domains
        )
    )
    rows = [_name(*each) for each in zip(domains, mappings, strict=True)]
    command = aws("apigateway", "get-domain-names", region)
    return Section("Names of APIs", command, DOMAIN_COLUMNS, rows, "APIs have no names of their own here.")


def _name(domain: Json, mappings: Json) -> list[str | Cell]:
    name, regional = domain["domainName"], domain.get("regionalDomainName", "")
    led = [f"{each['basePath']} → {each['restApiId']}/{each.get('stage', '')}" for each in mappings.get("items", [])]
    return [Cell.link(name, "names", name), ", ".join(led) or "an HTTP API, or nothing", Cell(regional, mono=True)]


async def one(site: Site, region: str, id: str, _status: Json) -> list[Part]:
    """An API with its routes: REST by that id, else HTTP or WebSocket. Raises Refused where there is neither."""
    try:
        return await _one_rest(site, region, id)
    except Refused as error:
        if error.code != "NotFoundException":
            raise
    return await _one_other(site, region, id)


async def _one_rest(site: Site, region: str, id: str) -> list[Part]:
    ask = site.aws.ask
    api, stages, resources = await asyncio.gather(
        ask(region, "apigateway", "get_rest_api", restApiId=id),
        ask(region, "apigateway", "get_stages", restApiId=id),
        site.aws.all(region, "apigateway", "get_resources", "items", restApiId=id, embed=["methods"]),
    )
    found = [rest_url(region, id, stage["stageName"]) for stage in stages["item"]]
    command = aws("apigateway", "get-resources", region, rest_api_id=id, embed="methods")
    rows = [
        _rest_route(region, resource["path"], method, said)
        for resource in sorted(resources, key=lambda one: str(one["path"]))
        for method, said in sorted(resource.get("resourceMethods", {}).items())
    ]
    facts = _facts(aws("apigateway", "get-rest-api", region, rest_api_id=id), api.get("name", id), "REST", found)
    return [facts, Section("Routes", command, ROUTE_COLUMNS, rows, "It has no methods.")]


def _rest_route(region: str, path: str, method: str, said: Json) -> list[str | Cell]:
    integration = said.get("methodIntegration", {})
    who = [said.get("authorizationType", "NONE"), *(["API key"] if said.get("apiKeyRequired") else [])]
    return [
        f"{method} {path}",
        integration.get("type", "none"),
        behind(region, integration.get("uri", "")),
        ", ".join("everybody" if each == "NONE" else each for each in who),
    ]


def behind(region: str, uri: str) -> Cell:
    """What an integration leads to: a function by its name, else as it is written."""
    found = FUNCTION.search(uri)
    arn = found.group(1) if found else uri
    name = function_of(arn)
    if name and "{" not in name and f":{region}:" in arn:
        return Cell.link(name, "regions", region, "functions", name)
    return Cell(uri or words.NONE, mono=bool(uri))


async def _one_other(site: Site, region: str, id: str) -> list[Part]:
    ask = site.aws.all
    api, stages, routes, integrations = await asyncio.gather(
        site.aws.ask(region, "apigatewayv2", "get_api", ApiId=id),
        *(
            ask(region, "apigatewayv2", f"get_{what}", "Items", ApiId=id)
            for what in ("stages", "routes", "integrations")
        ),
    )
    known = {each["IntegrationId"]: each for each in integrations}
    rows = [_other_route(region, route, known) for route in sorted(routes, key=lambda one: str(one["RouteKey"]))]
    facts = _facts(
        aws("apigatewayv2", "get-api", region, api_id=id), api["Name"], api["ProtocolType"], urls(api, stages)
    )
    command = aws("apigatewayv2", "get-routes", region, api_id=id)
    return [facts, Section("Routes", command, ROUTE_COLUMNS, rows, "It has no routes.")]


def _other_route(region: str, route: Json, integrations: dict[str, Json]) -> list[str | Cell]:
    integration = integrations.get(route.get("Target", "").removeprefix("integrations/"), {})
    who = route.get("AuthorizationType", "NONE")
    return [
        route["RouteKey"],
        integration.get("IntegrationType", "none"),
        behind(region, integration.get("IntegrationUri", "")),
        "everybody" if who == "NONE" else who,
    ]


def _facts(command: str, name: str, kind: str, found: list[str]) -> Facts:
    facts: list[tuple[str, str | Cell]] = [("Name", name), ("Kind", kind)]
    facts += [("Answers at", Cell(url, mono=True)) for url in found] or [("Answers at", "nowhere: it has no stage")]
    if found and kind != "WEBSOCKET":
        facts.append(("To try it", Cell(f"panregion curl --from london {found[0]}/", mono=True)))
    return Facts("API", command, facts)
