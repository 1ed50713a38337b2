"""A distribution as the points of presence use it: configuration and policies worked out once. Pure."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from panregion.edge.cloudfront.patterns import path_regex
from panregion.services.cloudfront.model import Distribution, Kind, Part, items

Mode = Literal["none", "whitelist", "allExcept", "all"]
FindPart = Callable[[Kind, str], Part | None]
ALL_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"})


@dataclass(frozen=True, slots=True)
class Selection:
    """Which of some names are chosen."""

    mode: Mode = "none"
    names: frozenset[str] = frozenset()

    def __contains__(self, name: str) -> bool:
        match self.mode:
            case "all":
                return True
            case "whitelist":
                return name in self.names
            case "allExcept":
                return name not in self.names
        return False


@dataclass(frozen=True, slots=True)
class KeyRules:
    """What beside the path tells one cached object from another. Header names are in lower case, in order."""

    headers: tuple[str, ...] = ()
    cookies: Selection = Selection()
    queries: Selection = Selection()
    gzip: bool = False
    brotli: bool = False


HeaderMode = Literal["none", "whitelist", "allViewer", "allViewerAndWhitelistCloudFront", "allExcept", "legacy"]


@dataclass(frozen=True, slots=True)
class ForwardRules:
    """What of the viewer's request the origin gets beside what is in the key."""

    header_mode: HeaderMode = "none"
    headers: frozenset[str] = frozenset()
    cookies: Selection = Selection()
    queries: Selection = Selection()

    def takes_header(self, name: str) -> bool:
        """Whether the viewer's own header of that name (in lower case) goes on."""
        match self.header_mode:
            case "allViewer" | "allViewerAndWhitelistCloudFront":
                return True
            case "allExcept":
                return name not in self.headers
            case "whitelist":
                return name in self.headers
        return False


@dataclass(frozen=True, slots=True)
class Ttls:
    """How long objects stay, in seconds."""

    least: float
    default: float
    most: float


@dataclass(frozen=True, slots=True)
class Origin:
    """One origin. `scheme` is http, https or match (the viewer's)."""

    id: str
    host: str
    path: str
    scheme: Literal["http", "https", "match"]
    http_port: int
    https_port: int
    custom_headers: tuple[tuple[str, str], ...]
    attempts: int
    connect_timeout_s: float
    read_timeout_s: float
    keepalive_s: float
    completion_s: float | None
    is_bucket: bool


@dataclass(frozen=True, slots=True)
class Behavior:
    """One cache behaviour. Two origins are a group, the first one of which is the primary."""

    pattern: re.Pattern[str] | None
    origins: tuple[Origin, ...]
    failover_codes: frozenset[int]
    viewer_policy: str
    allowed: frozenset[str]
    cached: frozenset[str]
    compress: bool
    key: KeyRules
    forward: ForwardRules
    ttls: Ttls
    response_headers: Mapping[str, Any] | None
    trusted_keys: Mapping[str, str] | None = None
    """Who may sign requests: public keys in PEM form by id; None where requests need no signature."""

    @property
    def caches(self) -> bool:
        return self.ttls.most > 0

    @property
    def forwards_cookies(self) -> bool:
        return self.key.cookies.mode != "none" or self.forward.cookies.mode != "none"


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """What is told in place of an origin's error, and for how long at least it is remembered."""

    path: str
    status: int | None
    ttl_s: float


@dataclass(frozen=True, slots=True)
class Plan:
    """One distribution."""

    id: str
    domain: str
    enabled: bool
    root_object: str
    behaviors: tuple[Behavior, ...]
    errors: Mapping[int, ErrorPage]
    price_class: str
    blocked: Selection
    """Countries that are refused."""
    least_tls: str

    def behavior_for(self, path: str) -> Behavior:
        """The first one whose pattern matches a normalized path; the last has none and matches all."""
        for behavior in self.behaviors:
            if behavior.pattern is None or behavior.pattern.fullmatch(path):
                return behavior
        raise AssertionError("the default behaviour matches everything")


def make_plan(distribution: Distribution, find: FindPart) -> Plan:
    """Work a distribution out; `find` gives policies, AWS's own among them."""
    config = distribution.config
    origins = {origin["Id"]: _origin(origin) for origin in items(config["Origins"])}
    targets: dict[str, tuple[tuple[Origin, ...], frozenset[int]]] = {
        name: ((origin,), frozenset()) for name, origin in origins.items()
    }
    for group in items(config["OriginGroups"]):
        members = tuple(origins[member["OriginId"]] for member in items(group["Members"]))
        targets[group["Id"]] = (members, frozenset(items(group["FailoverCriteria"]["StatusCodes"])))
    certificate = config["ViewerCertificate"]
    return Plan(
        id=distribution.id,
        domain=distribution.domain,
        enabled=config["Enabled"],
        root_object=config["DefaultRootObject"],
        behaviors=tuple(
            _behavior(behavior, *targets[behavior["TargetOriginId"]], find) for behavior in distribution.behaviors
        ),
        errors={page["ErrorCode"]: _error_page(page) for page in items(config["CustomErrorResponses"])},
        price_class=config["PriceClass"],
        blocked=_blocked(config["Restrictions"]["GeoRestriction"]),
        least_tls="TLSv1.3" if certificate["MinimumProtocolVersion"].startswith("TLSv1.3") else "TLSv1.2",
    )


def _origin(origin: dict[str, Any]) -> Origin:
    custom = origin.get("CustomOriginConfig") or {}
    schemes: dict[str, Literal["http", "https", "match"]] = {"http-only": "http", "https-only": "https"}
    return Origin(
        id=origin["Id"],
        host=origin["DomainName"].lower(),
        path=origin["OriginPath"],
        scheme=schemes.get(custom.get("OriginProtocolPolicy", ""), "match"),
        http_port=custom.get("HTTPPort", 80),
        https_port=custom.get("HTTPSPort", 443),
        custom_headers=tuple(
            (header["HeaderName"], header["HeaderValue"]) for header in items(origin["CustomHeaders"])
        ),
        attempts=origin["ConnectionAttempts"],
        connect_timeout_s=float(origin["ConnectionTimeout"]),
        read_timeout_s=float((custom or origin.get("S3OriginConfig") or {}).get("OriginReadTimeout", 30)),
        keepalive_s=float(custom.get("OriginKeepaliveTimeout", 5)),
        completion_s=float(origin["ResponseCompletionTimeout"]) if origin.get("ResponseCompletionTimeout") else None,
        is_bucket=not custom,
    )


def _behavior(behavior: dict[str, Any], origins: tuple[Origin, ...], codes: frozenset[int], find: FindPart) -> Behavior:
    methods = behavior["AllowedMethods"]
    policy = find("cache-policy", behavior.get("CachePolicyId", ""))
    key, forward, ttls = _by_policy(behavior, policy.config, find) if policy else _legacy(behavior)
    response = find("response-headers-policy", behavior.get("ResponseHeadersPolicyId", ""))
    return Behavior(
        pattern=path_regex(behavior["PathPattern"]) if "PathPattern" in behavior else None,
        origins=origins,
        failover_codes=codes,
        viewer_policy=behavior["ViewerProtocolPolicy"],
        allowed=frozenset(items(methods)),
        cached=frozenset(items(methods["CachedMethods"])),
        compress=behavior["Compress"],
        key=key,
        forward=forward,
        ttls=ttls,
        response_headers=response.config if response else None,
        trusted_keys=_trusted_keys(behavior["TrustedKeyGroups"], find),
    )


def _trusted_keys(trusted: dict[str, Any], find: FindPart) -> dict[str, str] | None:
    if not trusted["Enabled"]:
        return None
    groups = (find("key-group", group_id) for group_id in items(trusted))
    keys = (find("public-key", key_id) for group in groups if group for key_id in group.config["Items"])
    return {key.id: key.config["EncodedKey"] for key in keys if key}


def _by_policy(behavior: dict[str, Any], policy: dict[str, Any], find: FindPart) -> tuple[KeyRules, ForwardRules, Ttls]:
    given = policy["ParametersInCacheKeyAndForwardedToOrigin"]
    key = KeyRules(
        headers=tuple(sorted(name.lower() for name in items(given["HeadersConfig"].get("Headers")))),
        cookies=_selection(given["CookiesConfig"], "Cookie"),
        queries=_selection(given["QueryStringsConfig"], "QueryString"),
        gzip=given["EnableAcceptEncodingGzip"],
        brotli=given["EnableAcceptEncodingBrotli"],
    )
    request = find("origin-request-policy", behavior.get("OriginRequestPolicyId", ""))
    forward = ForwardRules()
    if request is not None:
        headers = request.config["HeadersConfig"]
        forward = ForwardRules(
            header_mode=headers["HeaderBehavior"],
            headers=frozenset(name.lower() for name in items(headers.get("Headers"))),
            cookies=_selection(request.config["CookiesConfig"], "Cookie"),
            queries=_selection(request.config["QueryStringsConfig"], "QueryString"),
        )
    return key, forward, Ttls(float(policy["MinTTL"]), float(policy["DefaultTTL"]), float(policy["MaxTTL"]))


def _selection(config: dict[str, Any], what: str) -> Selection:
    return Selection(config[f"{what}Behavior"], frozenset(items(config.get(f"{what}s"))))


def _legacy(behavior: dict[str, Any]) -> tuple[KeyRules, ForwardRules, Ttls]:
    """A behaviour without a cache policy: ForwardedValues tell both the key and what goes on."""
    forwarded = behavior["ForwardedValues"]
    headers = [name.lower() for name in items(forwarded["Headers"])]
    cookies = forwarded["Cookies"]
    query_names = frozenset(items(forwarded["QueryStringCacheKeys"]))
    queries = Selection("all") if forwarded["QueryString"] else Selection()
    key_queries = Selection("whitelist", query_names) if query_names and forwarded["QueryString"] else queries
    selected = Selection(cookies["Forward"], frozenset(items(cookies.get("WhitelistedNames"))))
    key = KeyRules(
        headers=() if headers == ["*"] else tuple(sorted(headers)),
        cookies=selected,
        queries=key_queries,
        gzip=behavior["Compress"],
    )
    everything = headers == ["*"]
    forward = ForwardRules("allViewer" if everything else "legacy", frozenset(), Selection(), queries)
    ttls = Ttls(float(behavior["MinTTL"]), float(behavior["DefaultTTL"]), float(behavior["MaxTTL"]))
    return key, forward, Ttls(0.0, 0.0, 0.0) if everything else ttls


def _error_page(page: dict[str, Any]) -> ErrorPage:
    code = page["ResponseCode"]
    return ErrorPage(page["ResponsePagePath"], int(code) if code else None, float(page["ErrorCachingMinTTL"]))


def _blocked(restriction: dict[str, Any]) -> Selection:
    countries = frozenset(items(restriction))
    match restriction["RestrictionType"]:
        case "blacklist":
            return Selection("whitelist", countries)
        case "whitelist":
            return Selection("allExcept", countries)
    return Selection()
