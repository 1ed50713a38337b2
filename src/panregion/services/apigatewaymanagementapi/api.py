"""API Gateway's management API: one function per operation, named as AWS names it."""

from typing import Any

from panregion.services.here import Here


async def post_to_connection(here: Here, connection_id: str, data: bytes = b"") -> dict[str, Any]:
    params = {"ConnectionId": connection_id, "Data": data}
    return await here.request("apigatewayv2", "panregion:PostToConnection", params)


async def get_connection(here: Here, connection_id: str) -> dict[str, Any]:
    return await here.request("apigatewayv2", "panregion:GetConnection", {"ConnectionId": connection_id})


async def delete_connection(here: Here, connection_id: str) -> dict[str, Any]:
    return await here.request("apigatewayv2", "panregion:DeleteConnection", {"ConnectionId": connection_id})
