"""What a viewer's request must pass before it is served. Pure."""

from dataclasses import dataclass

from panregion.edge.cloudfront.messages import Framing, RequestHead
from panregion.edge.cloudfront.plan import ALL_METHODS, Behavior, Plan
from panregion.edge.cloudfront.signed import NotAllowed, require_signature
from panregion.edge.cloudfront.viewer_facts import Viewer

NOT_OURS = (
    "Bad request. We can't connect to the server for this app or website at this time. There might be too much traffic"
    " or a configuration error."
)
NO_METHOD = (
    "This distribution is not configured to allow the HTTP request method that was used for this request. The"
    " distribution supports only cachable requests."
)
BLOCKED = "The Amazon CloudFront distribution is configured to block access from your country."
HTTPS_ONLY = "Bad request. This distribution answers HTTPS requests only."
LOOP = "Bad request. The request has passed through CloudFront too often: its origin leads back to CloudFront."
PASSES_MAX = 5
BODY_OF_GET = "Bad request. A GET or HEAD request may have no body."


@dataclass(frozen=True, slots=True)
class Refusal:
    """A page in place of the service; with a location, a redirection to there."""

    status: int
    reason: str
    location: str = ""
    code: str = ""
    """Of what is wrong with a signature, which is told in XML."""


def refuse_distribution(plan: Plan | None, viewer: Viewer) -> Refusal | None:
    """Whether there is a distribution, and this viewer may have it."""
    if plan is None or not plan.enabled:
        return Refusal(403, NOT_OURS)
    if viewer.site.country in plan.blocked:
        return Refusal(403, BLOCKED)
    return None


def refuse_loop(head: RequestHead) -> Refusal | None:
    """Whether the request goes round: a distribution is its own origin, at the first remove or a later one."""
    if head.by_name.get("via", "").count("(CloudFront)") >= PASSES_MAX:
        return Refusal(403, LOOP)
    return None


def refuse_request(behavior: Behavior, head: RequestHead, framing: Framing, viewer: Viewer) -> Refusal | None:
    """Whether the behaviour takes such a request."""
    if not viewer.is_tls and behavior.viewer_policy != "allow-all":
        return _to_https(behavior, head)
    if head.method not in ALL_METHODS:
        return Refusal(405, "This HTTP method is not supported.")
    if head.method not in behavior.allowed:
        return Refusal(403, NO_METHOD)
    if head.method in ("GET", "HEAD") and framing != 0:
        return Refusal(403, BODY_OF_GET)
    return None


def refuse_signature(behavior: Behavior, head: RequestHead, viewer: Viewer, now: float) -> Refusal | None:
    """Whether the behaviour wants a signature that the request does not have."""
    if behavior.trusted_keys is None:
        return None
    try:
        require_signature(head, viewer, behavior.trusted_keys, now)
    except NotAllowed as error:
        return Refusal(403, str(error), code=error.code)
    return None


def _to_https(behavior: Behavior, head: RequestHead) -> Refusal:
    if behavior.viewer_policy == "https-only":
        return Refusal(403, HTTPS_ONLY)
    if head.method in ("GET", "HEAD"):
        return Refusal(301, "", f"https://{head.host}{head.target}")
    if head.minor == 0:
        return Refusal(403, HTTPS_ONLY)
    return Refusal(307, "", f"https://{head.host}{head.target}")
