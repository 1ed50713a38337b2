"""What a REST API's mapping template sees of a request."""

from typing import Any

from panregion.services.apigateway.invocation import Invocation, last
from panregion.services.apigateway.responses import Refusal
from panregion.services.templating import Scope, TemplateError
from panregion.services.templating import render as rendered


def render(invocation: Invocation, source: str, body: bytes, overrides: dict[str, Any]) -> bytes:
    """A template's text. What it sets in $context.requestOverride and responseOverride is found in `overrides`."""
    scope = Scope(
        context={
            **invocation.context,
            "error": invocation.error,
            "isCanaryRequest": "true" if invocation.canary else "false",
            **overrides,
        },
        variables=invocation.variables,
        path=invocation.parameters,
        query=last(invocation.query),
        headers=last(invocation.headers),
        header=lambda name: invocation.request.header(name) or "",
    )
    try:
        return rendered(source, body, scope)
    except TemplateError as error:
        raise Refusal("DEFAULT_5XX", error_type="InternalServerErrorException") from error
