"""Running a Query or a Scan in a region: what is asked is the page's address, and AWS's answer or error is shown."""

import asyncio
from typing import Any

from panregion.console.aws import Away, Refused
from panregion.console.data import commands, forms
from panregion.console.site import Asked, Site, address
from panregion.world import Response

LIMIT = "50"
NAMES = {
    "index": ("IndexName", "index-name"),
    "condition": ("KeyConditionExpression", "key-condition-expression"),
    "filter": ("FilterExpression", "filter-expression"),
    "names": ("ExpressionAttributeNames", "expression-attribute-names"),
    "values": ("ExpressionAttributeValues", "expression-attribute-values"),
    "limit": ("Limit", "limit"),
    "start": ("ExclusiveStartKey", "exclusive-start-key"),
}
"""A field of the form: the parameter that it is, and the option of AWS's CLI."""
OBJECTS = ("names", "values", "start")


async def page(site: Site, asked: Asked, table: str) -> Response:
    """The form, and where it was sent the answer."""
    query = asked.query
    region = query.get("region", "")
    if region not in site.settings.regions:
        region = site.settings.regions[0]
    given = {"region": region, "limit": LIMIT, **{name: value.strip() for name, value in query.items()}}
    described, ran = await asyncio.gather(_described(site, region, table), _run(site, region, table, given, query))
    values: dict[str, Any] = {
        "title": f"Query {table}",
        "section": "Data",
        "table": table,
        "given": given,
        "described": described,
        "command": command(region, table, given),
        "short": forms.short,
        "key_of": lambda item: forms.written({name: item[name] for name, _ in described["key"] if name in item}),
        **ran,
    }
    return site.page("query", **values)


async def _described(site: Site, region: str, table: str) -> dict[str, Any]:
    """The table's keys, for those who write expressions: {key, indexes, region}; of a table that is not there none."""
    try:
        told = (await site.aws.ask(region, "dynamodb", "describe_table", TableName=table))["Table"]
    except (Refused, Away):
        return {"key": [], "indexes": {}}
    kinds = {each["AttributeName"]: each["AttributeType"] for each in told["AttributeDefinitions"]}
    indexes = [*told.get("GlobalSecondaryIndexes", []), *told.get("LocalSecondaryIndexes", [])]
    return {
        "key": _keys(told["KeySchema"], kinds),
        "indexes": {index["IndexName"]: _keys(index["KeySchema"], kinds) for index in indexes},
    }


def _keys(schema: list[dict[str, str]], kinds: dict[str, str]) -> list[tuple[str, str]]:
    return [(each["AttributeName"], kinds[each["AttributeName"]]) for each in schema]


async def _run(site: Site, region: str, table: str, given: dict[str, str], query: dict[str, str]) -> dict[str, Any]:
    """The answer's part of the page: {answer, error, code, columns, next}."""
    nothing: dict[str, Any] = {"answer": None, "error": None, "code": None, "columns": [], "next": None}
    operation = given.get("operation", "")
    if operation not in ("query", "scan"):
        return nothing
    try:
        answer = await site.aws.ask(region, "dynamodb", operation, **params(table, given))
    except forms.NotJson as error:
        return {**nothing, "error": str(error)}
    except Refused as error:
        return {**nothing, "error": str(error), "code": error.code}
    except Away as error:
        return {**nothing, "error": str(error), "code": "No answer"}
    last = answer.get("LastEvaluatedKey")
    columns = list(dict.fromkeys(name for item in answer.get("Items", []) for name in item))
    again = {**query, "start": forms.written(last)} if last else None
    return {**nothing, "answer": answer, "columns": columns, "next": again and address("data", table, "query", **again)}


def params(table: str, given: dict[str, str]) -> dict[str, Any]:
    """The operation's parameters. Raises NotJson."""
    found: dict[str, Any] = {"TableName": table, "ReturnConsumedCapacity": "TOTAL"}
    for field, (name, _) in NAMES.items():
        text = given.get(field, "")
        if not text or (field == "condition" and given.get("operation") == "scan"):
            continue
        found[name] = forms.read(text, field) if field in OBJECTS else text
    if "Limit" in found:
        if not found["Limit"].isascii() or not found["Limit"].isdigit():
            raise forms.NotJson("limit: a whole number, such as 50")
        found["Limit"] = int(found["Limit"])
    if given.get("order") == "backwards" and given.get("operation") == "query":
        found["ScanIndexForward"] = False
    if given.get("consistent") == "yes":
        found["ConsistentRead"] = True
    return found


def command(region: str, table: str, given: dict[str, str]) -> str:
    """The command that asks the same."""
    operation = given.get("operation") or "scan"
    options = {
        option: given.get(field) for field, (_, option) in NAMES.items() if field != "condition" or operation == "query"
    }
    flags = " --no-scan-index-forward" if given.get("order") == "backwards" and operation == "query" else ""
    flags += " --consistent-read" if given.get("consistent") == "yes" else ""
    return commands.aws(operation, region, table, options) + flags
