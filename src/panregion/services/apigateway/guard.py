"""Who may pass: keys, signatures and authorizers."""

from panregion.services.apigateway.invocation import Invocation
from panregion.services.apigateway.model import Method
from panregion.services.apigateway.responses import Refusal


async def admit(invocation: Invocation, method: Method) -> None:
    """Let the request pass, or raise Refusal."""
    if method.authorization_type == "AWS_IAM" and not _signed(invocation):
        raise Refusal("MISSING_AUTHENTICATION_TOKEN")


def _signed(invocation: Invocation) -> bool:
    """A signature is there. Whose it is, is not looked at: credentials are not enforced (IAM is kept only)."""
    header = invocation.request.header("authorization") or ""
    return header.startswith("AWS4-HMAC-SHA256 ") or "X-Amz-Signature=" in invocation.request.query
