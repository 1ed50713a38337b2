"""API Gateway's management API: messages to the connections of WebSocket APIs, which the other service holds.

At AWS its address is that of an API's stage; there it is answered by that service's data plane. This is for clients
that are pointed at the region itself.
"""

from panregion.services.apigatewaymanagementapi import api
from panregion.services.service import Service

SERVICE = Service(name="apigatewaymanagementapi", api=api)
