"""WebSocket APIs: connections, the routes of their messages, and what the routes lead to."""

from panregion.services.apigatewayv2.sockets.connections import live
from panregion.services.apigatewayv2.sockets.serving import connect

__all__ = ["connect", "live"]
