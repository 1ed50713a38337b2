"""What a signed request says about itself. The signature is read, not verified: in the default mode everything
listens on loopback only, and any credentials are good."""

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

from panregion.world.http import Request


@dataclass(frozen=True, slots=True)
class Credential:
    """The scope of a signature. SigV4A signs for a set of regions; then `region` is the first of them."""

    access_key_id: str
    region: str | None
    signing_name: str | None


def credential(request: Request) -> Credential | None:
    """Who signed, for which region and service, from the Authorization header or a presigned URL."""
    authorization = request.header("authorization")
    if authorization is not None:
        return _from_header(authorization, request)
    if "X-Amz-Credential=" in request.query:
        return _from_scope(unquote(_query_value(request.query, "X-Amz-Credential")), request)
    if "AWSAccessKeyId=" in request.query and "Signature=" in request.query:
        return Credential(unquote(_query_value(request.query, "AWSAccessKeyId")), None, "s3")
    return None


def _from_header(authorization: str, request: Request) -> Credential | None:
    if authorization.startswith("AWS4-"):
        start = authorization.find("Credential=")
        if start < 0:
            return None
        scope = authorization[start + 11 :].partition(",")[0].partition(" ")[0]
        return _from_scope(scope, request)
    if authorization.startswith("AWS "):  # signature version 2, which only S3 still has
        return Credential(authorization[4:].partition(":")[0], None, "s3")
    return None


def _from_scope(scope: str, request: Request) -> Credential | None:
    if scope.count("/") >= 4:
        return _from_full_scope(scope)
    parts = scope.split("/")
    if len(parts) == 4:  # SigV4A: no region in the scope, a set of them in a header or the query
        regions = request.header("x-amz-region-set") or unquote(_query_value(request.query, "X-Amz-Region-Set"))
        region = regions.split(",")[0].strip()
        return Credential(parts[0], None if "*" in region or not region else region, parts[2])
    return None


@lru_cache(1024)
def _from_full_scope(scope: str) -> Credential:
    parts = scope.split("/")
    return Credential("/".join(parts[:-4]), parts[-3], parts[-2])


def _query_value(query: str, name: str) -> str:
    for pair in query.split("&"):
        key, _, value = pair.partition("=")
        if key == name:
            return value
    return ""
