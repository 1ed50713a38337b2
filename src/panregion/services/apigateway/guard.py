"""Who and what may pass, in API Gateway's order: signature or authorizer, API key, the request's form."""

from panregion.services.apigateway.authorize import authorize
from panregion.services.apigateway.invocation import Invocation
from panregion.services.apigateway.metering import meter, throttle
from panregion.services.apigateway.model import Method
from panregion.services.apigateway.responses import Refusal
from panregion.services.apigateway.validation import validate
from panregion.services.callers import signer


async def admit(invocation: Invocation, method: Method) -> None:
    """Let the request pass, or raise Refusal."""
    usage_key: str | None = None
    if invocation.stage.method_settings:
        throttle(invocation)
    if method.authorization_type == "AWS_IAM":
        invocation.signer = signer(invocation.here, invocation.request)
        if invocation.signer is None:
            raise Refusal("MISSING_AUTHENTICATION_TOKEN")
        invocation.forget_context()
    if method.authorization_type == "CUSTOM":
        usage_key = await authorize(invocation, method)
    if method.api_key_required:
        by_authorizer = invocation.deployed.api.api_key_source == "AUTHORIZER"
        await meter(invocation, usage_key if by_authorizer else invocation.request.header("x-api-key"))
    if method.request_validator_id:
        validate(invocation, method)
