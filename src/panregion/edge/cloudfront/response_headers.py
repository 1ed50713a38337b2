"""The headers that a viewer gets: the origin's, less what is CloudFront's own affair, and a policy's. Pure."""

from collections.abc import Mapping
from typing import Any

from panregion.edge.cloudfront.messages import HOP_BY_HOP, RequestHead
from panregion.services.cloudfront.model import items
from panregion.world import Headers

DROPPED = HOP_BY_HOP | {"content-length", "x-cache", "x-amz-cf-pop", "x-amz-cf-id", "age", "via"}
PREFLIGHT = ("access-control-allow-methods", "access-control-allow-headers", "access-control-max-age")


def kept_headers(headers: Headers, *, cookies: bool) -> Headers:
    """The origin's headers as the cache keeps them. `cookies` tells whether Set-Cookie may stay."""
    named = {
        token.strip().lower() for name, value in headers if name.lower() == "connection" for token in value.split(",")
    }
    return [
        (name, value)
        for name, value in headers
        if (lower := name.lower()) not in DROPPED and lower not in named and (cookies or lower != "set-cookie")
    ]


def with_policy(headers: Headers, policy: Mapping[str, Any] | None, head: RequestHead) -> Headers:
    """The headers after a response headers policy."""
    if policy is None:
        return headers
    removed = {header["Header"].lower() for header in items(policy.get("RemoveHeadersConfig"))}
    found = [pair for pair in headers if pair[0].lower() not in removed]
    cors = policy.get("CorsConfig")
    if cors and "origin" in head.by_name:
        found = _with_cors(found, cors, head)
    for name, value, override in _security(policy.get("SecurityHeadersConfig") or {}):
        found = _set(found, name, value, override)
    for header in items(policy.get("CustomHeadersConfig")):
        found = _set(found, header["Header"], header["Value"], header["Override"])
    return found


def _set(headers: Headers, name: str, value: str, override: bool) -> Headers:
    lower = name.lower()
    has = any(key.lower() == lower for key, _ in headers)
    if has and not override:
        return headers
    return [pair for pair in headers if pair[0].lower() != lower] + [(name, value)]


def _security(config: Mapping[str, Any]) -> list[tuple[str, str, bool]]:
    found = []
    if transport := config.get("StrictTransportSecurity"):
        parts = [f"max-age={transport['AccessControlMaxAgeSec']}"]
        parts += ["includeSubDomains"] if transport.get("IncludeSubdomains") else []
        parts += ["preload"] if transport.get("Preload") else []
        found.append(("Strict-Transport-Security", "; ".join(parts), transport["Override"]))
    if kind := config.get("ContentTypeOptions"):
        found.append(("X-Content-Type-Options", "nosniff", kind["Override"]))
    if frame := config.get("FrameOptions"):
        found.append(("X-Frame-Options", frame["FrameOption"], frame["Override"]))
    if xss := config.get("XSSProtection"):
        found.append(("X-XSS-Protection", _xss(xss), xss["Override"]))
    if referrer := config.get("ReferrerPolicy"):
        found.append(("Referrer-Policy", referrer["ReferrerPolicy"], referrer["Override"]))
    if content := config.get("ContentSecurityPolicy"):
        found.append(("Content-Security-Policy", content["ContentSecurityPolicy"], content["Override"]))
    return found


def _xss(config: Mapping[str, Any]) -> str:
    if not config["Protection"]:
        return "0"
    mode = "; mode=block" if config.get("ModeBlock") else ""
    report = f"; report={config['ReportUri']}" if config.get("ReportUri") else ""
    return f"1{mode}{report}"


def _with_cors(headers: Headers, cors: Mapping[str, Any], head: RequestHead) -> Headers:
    """CORS headers for a request that has an Origin."""
    override = cors["OriginOverride"]
    own = any(name.lower().startswith("access-control-") for name, _ in headers)
    if own and not override:
        return headers
    origin = head.by_name["origin"]
    allowed = items(cors["AccessControlAllowOrigins"])
    kept = [pair for pair in headers if not pair[0].lower().startswith("access-control-")]
    if not any(matches_origin(pattern, origin) for pattern in allowed):
        return kept
    credentials = cors["AccessControlAllowCredentials"]
    told = "*" if "*" in allowed and not credentials else origin
    found = [*kept, ("Access-Control-Allow-Origin", told)]
    if told != "*":
        found = _vary_by_origin(found)
    if credentials:
        found.append(("Access-Control-Allow-Credentials", "true"))
    if exposed := items(cors.get("AccessControlExposeHeaders")):
        found.append(("Access-Control-Expose-Headers", ",".join(exposed)))
    if head.method == "OPTIONS" and "access-control-request-method" in head.by_name:
        found += _preflight(cors, head)
    return found


def _preflight(cors: Mapping[str, Any], head: RequestHead) -> Headers:
    methods = items(cors["AccessControlAllowMethods"])
    if "ALL" in methods:
        methods = ["GET", "DELETE", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
    wanted = items(cors["AccessControlAllowHeaders"])
    told = head.by_name.get("access-control-request-headers", "*") if "*" in wanted else ",".join(wanted)
    found = [("Access-Control-Allow-Methods", ",".join(methods)), ("Access-Control-Allow-Headers", told)]
    if "AccessControlMaxAgeSec" in cors:
        found.append(("Access-Control-Max-Age", str(cors["AccessControlMaxAgeSec"])))
    return found


def _vary_by_origin(headers: Headers) -> Headers:
    for at, (name, value) in enumerate(headers):
        if name.lower() == "vary":
            named = "origin" in value.lower()
            return headers if named else [*headers[:at], (name, f"{value}, Origin"), *headers[at + 1 :]]
    return [*headers, ("Vary", "Origin")]


def matches_origin(pattern: str, origin: str) -> bool:
    """Whether an Origin is one that a policy allows: all, a whole origin, or one with `*` for part of the host."""
    if pattern == "*":
        return True
    scheme, found, host = origin.rpartition("://")
    wanted_scheme, wanted_found, wanted_host = pattern.rpartition("://")
    if wanted_found and (not found or wanted_scheme.lower() != scheme.lower()):
        return False
    before, star, after = wanted_host.lower().partition("*")
    host = host.lower()
    if not star:
        return host == before
    return len(host) > len(before) + len(after) and host.startswith(before) and host.endswith(after)
