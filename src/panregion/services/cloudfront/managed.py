"""The policies that AWS manages, which every account has: their ids, names and settings as AWS documents them."""

from typing import Any

from panregion.services.cloudfront.model import Kind, Part, quantified

MANAGED_AT = 1_600_000_000.0
ETAG = "E23ZP02F085DFQ"
YEAR_S, DAY_S = 31_536_000, 86_400
CORS_REQUEST = ["Origin", "Access-Control-Request-Headers", "Access-Control-Request-Method"]
OVERRIDES = ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"]
ALL_METHODS = ["GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "OPTIONS"]
VIEWER_HEADERS = [
    *("CloudFront-Forwarded-Proto", "CloudFront-Is-Android-Viewer", "CloudFront-Is-Desktop-Viewer"),
    *("CloudFront-Is-IOS-Viewer", "CloudFront-Is-Mobile-Viewer", "CloudFront-Is-SmartTV-Viewer"),
    *("CloudFront-Is-Tablet-Viewer", "CloudFront-Viewer-Address", "CloudFront-Viewer-ASN", "CloudFront-Viewer-City"),
    *("CloudFront-Viewer-Country", "CloudFront-Viewer-Country-Name", "CloudFront-Viewer-Country-Region"),
    *("CloudFront-Viewer-Country-Region-Name", "CloudFront-Viewer-Http-Version", "CloudFront-Viewer-Latitude"),
    *("CloudFront-Viewer-Longitude", "CloudFront-Viewer-Metro-Code", "CloudFront-Viewer-Postal-Code"),
    *("CloudFront-Viewer-Time-Zone", "CloudFront-Viewer-TLS"),
]


def _part(kind: Kind, part_id: str, name: str, config: dict[str, Any]) -> Part:
    full = {"Name": f"Managed-{name}", **config}
    return Part(kind=kind, id=part_id, config=full, etag=ETAG, modified_at=MANAGED_AT, more={"type": "managed"})


def _cache(
    part_id: str,
    name: str,
    ttls: tuple[int, int, int],
    encodings: str = "",
    headers: list[str] | None = None,
    cookies: str = "none",
    queries: str = "none",
    query_names: list[str] | None = None,
) -> Part:
    """`ttls` are minimum, default and maximum; `encodings` holds g and b for gzip and Brotli."""
    key = {
        "EnableAcceptEncodingGzip": "g" in encodings,
        "EnableAcceptEncodingBrotli": "b" in encodings,
        "HeadersConfig": _selection("Header", "whitelist" if headers else "none", headers),
        "CookiesConfig": _selection("Cookie", cookies),
        "QueryStringsConfig": _selection("QueryString", "whitelist" if query_names else queries, query_names),
    }
    minimum, default, maximum = ttls
    config = {
        "Comment": "",
        "DefaultTTL": default,
        "MaxTTL": maximum,
        "MinTTL": minimum,
        "ParametersInCacheKeyAndForwardedToOrigin": key,
    }
    return _part("cache-policy", part_id, name, config)


def _selection(what: str, behavior: str, names: list[str] | None = None) -> dict[str, Any]:
    return {f"{what}Behavior": behavior, **({f"{what}s": quantified(names)} if names else {})}


def _request(
    part_id: str, name: str, headers: str, names: list[str] | None = None, cookies: str = "none", queries: str = "none"
) -> Part:
    config = {
        "Comment": "",
        "HeadersConfig": _selection("Header", headers, names),
        "CookiesConfig": _selection("Cookie", cookies),
        "QueryStringsConfig": _selection("QueryString", queries),
    }
    return _part("origin-request-policy", part_id, name, config)


def _cors(methods: list[str], expose: list[str]) -> dict[str, Any]:
    return {
        "AccessControlAllowOrigins": quantified(["*"]),
        "AccessControlAllowHeaders": quantified(["*"]),
        "AccessControlAllowMethods": quantified(methods),
        "AccessControlAllowCredentials": False,
        "AccessControlExposeHeaders": quantified(expose),
        "OriginOverride": False,
    }


SIMPLE_CORS = _cors(["GET"], [])
PREFLIGHT_CORS = _cors(ALL_METHODS, ["*"])
SECURITY = {
    "XSSProtection": {"Override": False, "Protection": True, "ModeBlock": True},
    "FrameOptions": {"Override": False, "FrameOption": "SAMEORIGIN"},
    "ReferrerPolicy": {"Override": False, "ReferrerPolicy": "strict-origin-when-cross-origin"},
    "ContentTypeOptions": {"Override": True},
    "StrictTransportSecurity": {"Override": False, "AccessControlMaxAgeSec": YEAR_S},
}


def _response(part_id: str, name: str, **config: Any) -> Part:
    return _part("response-headers-policy", part_id, name, {"Comment": "", **config})


_ALL = [
    _cache(
        "2e54312d-136d-493c-8eb9-b001f22f67d2",
        "Amplify",
        (2, 2, 600),
        "gb",
        ["Authorization", "CloudFront-Viewer-Country", "Host"],
        "all",
        "all",
    ),
    _cache("4135ea2d-6df8-44a3-9df3-4b5a84be39ad", "CachingDisabled", (0, 0, 0)),
    _cache("658327ea-f89d-4fab-a63d-7e88639e58f6", "CachingOptimized", (1, DAY_S, YEAR_S), "gb"),
    _cache("b2884449-e4de-46a7-ac36-70bc7f1ddd6d", "CachingOptimizedForUncompressedObjects", (1, DAY_S, YEAR_S)),
    _cache(
        "08627262-05a9-4f76-9ded-b50ca2e3a84f",
        "Elemental-MediaPackage",
        (0, DAY_S, YEAR_S),
        "g",
        ["Origin"],
        query_names=["aws.manifestfilter", "start", "end", "m"],
    ),
    _cache(
        "83da9c7e-98b4-4e11-a168-04f0df8e2c65",
        "UseOriginCacheControlHeaders",
        (0, 0, YEAR_S),
        "gb",
        ["Host", "Origin", *OVERRIDES],
        "all",
    ),
    _cache(
        "4cc15a8a-d715-48a4-82b8-cc0b614638fe",
        "UseOriginCacheControlHeaders-QueryStrings",
        (0, 0, YEAR_S),
        "gb",
        ["Host", "Origin", *OVERRIDES],
        "all",
        "all",
    ),
    _request("216adef6-5c7f-47e4-b989-5492eafa07d3", "AllViewer", "allViewer", None, "all", "all"),
    _request(
        "33f36d7e-f396-46d9-90e0-52428a34d9dc",
        "AllViewerAndCloudFrontHeaders-2022-06",
        "allViewerAndWhitelistCloudFront",
        VIEWER_HEADERS,
        "all",
        "all",
    ),
    _request("b689b0a8-53d0-40ab-baf2-68738e2966ac", "AllViewerExceptHostHeader", "allExcept", ["Host"], "all", "all"),
    _request("59781a5b-3903-41f3-afcb-af62929ccde1", "CORS-CustomOrigin", "whitelist", ["Origin"]),
    _request("88a5eaf4-2fd4-4709-b370-b4c650ea3fcf", "CORS-S3Origin", "whitelist", CORS_REQUEST),
    _request(
        "775133bc-15f2-49f9-abea-afb2e0bf67d2",
        "Elemental-MediaTailor-PersonalizedManifests",
        "whitelist",
        [*CORS_REQUEST, "User-Agent", "X-Forwarded-For"],
        queries="all",
    ),
    _request("bf0718e1-ba1e-49d1-88b1-f726733018ae", "HostHeaderOnly", "whitelist", ["Host"]),
    _request("acba4595-bd28-49b8-b9fe-13317c0390fa", "UserAgentRefererHeaders", "whitelist", ["User-Agent", "Referer"]),
    _response("60669652-455b-4ae9-85a4-c4c02393f86c", "SimpleCORS", CorsConfig=SIMPLE_CORS),
    _response("5cc3b908-e619-4b99-88e5-2cf7f45965bd", "CORS-With-Preflight", CorsConfig=PREFLIGHT_CORS),
    _response("67f7725c-6f97-4210-82d7-5512b31e9d03", "SecurityHeadersPolicy", SecurityHeadersConfig=SECURITY),
    _response(
        "e61eb60c-9c35-4d20-a928-2b84e02af89c",
        "CORS-and-SecurityHeadersPolicy",
        CorsConfig=SIMPLE_CORS,
        SecurityHeadersConfig=SECURITY,
    ),
    _response(
        "eaab4381-ed33-4a86-88ca-d9558dc6cd63",
        "CORS-with-preflight-and-SecurityHeadersPolicy",
        CorsConfig=PREFLIGHT_CORS,
        SecurityHeadersConfig=SECURITY,
    ),
]

MANAGED: dict[tuple[Kind, str], Part] = {(part.kind, part.id): part for part in _ALL}
