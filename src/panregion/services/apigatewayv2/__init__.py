"""Amazon API Gateway, HTTP APIs (routes to functions, web servers and operations of AWS) and WebSocket APIs (sockets/).

A custom domain name is one thing for both kinds of API, so it is kept by the other service; what of it is mapped to
HTTP APIs is kept here.
"""

from panregion.services import Service
from panregion.services.apigatewayv2 import api, internal
from panregion.services.apigatewayv2.plane import HttpPlane
from panregion.services.apigatewayv2.stack import RESOURCES

SERVICE = Service(name="apigatewayv2", api=api, internal=internal, plane=HttpPlane(), resources=RESOURCES)
