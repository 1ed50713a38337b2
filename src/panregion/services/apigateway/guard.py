"""Who and what may pass, in API Gateway's order: signature or authorizer, API key, the request's form."""

from panregion.services.apigateway.authorize import authorize
from panregion.services.apigateway.invocation import Invocation
from panregion.services.apigateway.metering import meter
from panregion.services.apigateway.model import Method
from panregion.services.apigateway.responses import Refusal
from panregion.services.apigateway.validation import validate


async def admit(invocation: Invocation, method: Method) -> None:
    """Let the request pass, or raise Refusal."""
    usage_key: str | None = None
    if method.authorization_type == "AWS_IAM" and not _signed(invocation):
        raise Refusal("MISSING_AUTHENTICATION_TOKEN")
    if method.authorization_type == "CUSTOM":
        usage_key = await authorize(invocation, method)
    if method.api_key_required:
        by_authorizer = invocation.deployed.api.api_key_source == "AUTHORIZER"
        await meter(invocation, usage_key if by_authorizer else invocation.request.header("x-api-key"))
    if method.request_validator_id:
        validate(invocation, method)


def _signed(invocation: Invocation) -> bool:
    """A signature is there. Whose it is, is not looked at: credentials are not enforced (IAM is kept only)."""
    header = invocation.request.header("authorization") or ""
    return header.startswith("AWS4-HMAC-SHA256 ") or "X-Amz-Signature=" in invocation.request.query
