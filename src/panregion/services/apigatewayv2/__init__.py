"""Amazon API Gateway, HTTP APIs: routes to Lambda functions and web servers. WebSocket APIs are not here.

A custom domain name is one thing for both kinds of API, so it is kept by the other service; what of it is mapped to
HTTP APIs is kept here.
"""

from panregion.services import Service
from panregion.services.apigatewayv2 import api
from panregion.services.apigatewayv2.plane import HttpPlane
from panregion.services.apigatewayv2.stack import RESOURCES

SERVICE = Service(name="apigatewayv2", api=api, plane=HttpPlane(), resources=RESOURCES)
