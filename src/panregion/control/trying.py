"""After a deployment: does every function of the stack start? One that does not is told with its traceback."""

from typing import Any

import msgspec

from panregion.world import ClientError, HttpClient, WorldSettings, direct_dial

START_TIMEOUT_S = 20.0


async def try_out(settings: WorldSettings, region: str, resources: list[dict[str, Any]], told: set[str]) -> list[str]:
    """Start each function once; returns what those say that fail, and of those in `told` only that they do.

    A runtime that is not quite the one that was asked for is told, too, once. The deployment stands, as on AWS.
    """
    functions = [found for found in resources if found["ResourceType"] == "AWS::Lambda::Function"]
    client = HttpClient(direct_dial)
    complaints = []
    try:
        for function in functions:
            said, warning = await _said(client, settings.endpoint(region), function["PhysicalResourceId"])
            name = function["LogicalResourceId"]
            if warning and warning not in told:
                told.add(warning)
                complaints.append(f"{name}: {warning}")
            if said and name in told:
                complaints.append(f"{name} does not start here either")
            elif said:
                told.add(name)
                complaints.append(f"{name} does not start:\n{_essence(said)}")
    finally:
        await client.close()
    return complaints


def _essence(said: str) -> str:
    """Without the platform's own lines and its general advice."""
    lines = said.rstrip().splitlines()
    return "\n".join(line for line in lines if not line.startswith("INIT_") and "LAMBDA_WARNING" not in line)


async def _said(client: HttpClient, endpoint: str, name: str) -> tuple[str | None, str]:
    """(what it wrote where it does not start, how its runtime differs here)"""
    asked = {"service": "lambda", "operation": "panregion:Prepare", "params": {"FunctionName": name}}
    body = msgspec.msgpack.encode(asked)
    try:
        response = await client.send("POST", f"{endpoint}/_panregion/call", body=body, timeout_s=START_TIMEOUT_S)
    except ClientError as error:
        return str(error), ""
    assert isinstance(response.body, bytes)
    answer = msgspec.msgpack.decode(response.body)
    if "output" not in answer:
        return str(answer["error"]), ""
    return answer["output"]["said"], answer["output"]["warning"]
