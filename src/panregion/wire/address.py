"""Whose request is this: the service and the region that a request is meant for, and who sent it.

A signature's scope names both. The service is still looked at more closely, for one signing name may serve
several APIs (DynamoDB and its streams, API Gateway's two versions), and some requests carry no signature at all.
None means that it is no request to an AWS API as far as anyone can tell: perhaps a user's request to a data plane.
"""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qsl

from panregion.wire import catalogue, sigv4
from panregion.world.http import Request


@dataclass(frozen=True, slots=True)
class Addressed:
    service: str
    region: str | None
    access_key_id: str | None


def identify(request: Request) -> Addressed | None:
    signed = sigv4.credential(request)
    if signed is None:
        return _identify_unsigned(request)
    service = _by_form(request)
    if service is None and signed.signing_name:
        choose = _SHARED.get(signed.signing_name)
        service = choose(request) if choose else catalogue.by_signing_name(signed.signing_name)
    if service is None:
        return None
    return Addressed(service, signed.region or region_of_host(request.host), signed.access_key_id)


def _identify_unsigned(request: Request) -> Addressed | None:
    host = request.host
    service = _by_form(request) or _by_host(request, host) or _by_action(request)
    return Addressed(service, region_of_host(host), None) if service else None


def _by_form(request: Request) -> str | None:
    """By what only the RPC protocols have: a target header, or the path of Smithy's RPC."""
    target = request.header("x-amz-target")
    if target is not None:
        return catalogue.by_target(target.partition(".")[0])
    if request.path.startswith("/service/"):
        parts = request.path.split("/")
        if len(parts) == 5 and parts[3] == "operation":
            return catalogue.by_target(parts[2])
    return None


def _by_action(request: Request) -> str | None:
    """The query protocol without a signature: STS's web identity operations, for one, have none."""
    version = form_value(request, "Version")
    return catalogue.by_query_version(version) if version and form_value(request, "Action") else None


def form_value(request: Request, name: str) -> str | None:
    """A field of the query protocol's form, which comes as the body or, with GET, as the query string."""
    content_type = request.header("content-type") or ""
    if request.method == "POST" and content_type.startswith("application/x-www-form-urlencoded"):
        text = request.body.decode("utf-8", "replace")
    else:
        text = request.query
    if f"{name}=" not in text:
        return None
    return next((value for key, value in parse_qsl(text, keep_blank_values=True) if key == name), None)


# Hosts

_DATA_PLANES = frozenset({"execute-api", "lambda-url", "appsync-api", "appsync-realtime-api", "s3-website"})


def _by_host(request: Request, host: str) -> str | None:
    labels = _service_labels(host)
    if labels is None:
        return None
    if any(label in _DATA_PLANES or label.startswith("s3-website") for label in labels):
        return _execute_api(request) if "execute-api" in labels else None
    for position in range(len(labels)):
        if labels[position] == "s3" or labels[position].startswith("s3-"):
            return "s3control" if labels[position] == "s3-control" else "s3"
    for first in range(len(labels)):
        found = catalogue.by_endpoint(".".join(labels[first : first + 2])) or catalogue.by_endpoint(labels[first])
        if found:
            return _SHARED[found](request) if found in _SHARED else found
    return None


def _service_labels(host: str) -> list[str] | None:
    """The labels of an AWS name in front of its domain: bucket, service, region, in AWS's order."""
    for domain in (".amazonaws.com", ".amazonaws.com.cn", ".on.aws", ".localhost", ".localhost.localstack.cloud"):
        if host.endswith(domain):
            return host.removesuffix(domain).split(".")
    return None


def region_of_host(host: str) -> str | None:
    """`eu-west-1` of `sqs.eu-west-1.amazonaws.com`; None where the name has none, as IAM's has not."""
    for label in reversed(_service_labels(host) or []):
        parts = label.split("-")
        if len(parts) >= 3 and parts[-1].isdigit() and len(parts[0]) == 2:
            return label
    return None


# Signing names that several APIs share


def _dynamodb(request: Request) -> str:
    return "dynamodbstreams" if request.host.startswith("streams.") else "dynamodb"


def _apigateway(request: Request) -> str:
    return "apigatewayv2" if request.path.startswith("/v2/") else "apigateway"


def _s3(request: Request) -> str:
    if ".s3-control." in f".{request.host}.":
        return "s3control"
    if not request.path.startswith("/v20180820/"):
        return "s3"
    marked = request.header("x-amz-account-id") is not None or request.header("x-amz-outpost-id") is not None
    return "s3control" if marked else "s3"


def _ses(request: Request) -> str:
    if request.path.startswith("/v2/email/"):
        return "sesv2"
    return "pinpoint-email" if request.path.startswith("/v1/email/") else "ses"


def _opensearch(request: Request) -> str:
    return "opensearch" if request.path.startswith("/2021-01-01/") else "es"


def _execute_api(request: Request) -> str | None:
    """A signed request to an API is its user's own; only the connections of a WebSocket API are AWS's."""
    named_by_path = request.path.startswith("/_aws/execute-api/")
    return "apigatewaymanagementapi" if "/@connections/" in request.path and not named_by_path else None


def _load_balancing(request: Request) -> str:
    return "elb" if form_value(request, "Version") == "2012-06-01" else "elbv2"


def _lambda(request: Request) -> str | None:
    return None if ".lambda-url." in request.host else "lambda"


def _appsync(request: Request) -> str | None:
    return None if ".appsync-api." in request.host or ".appsync-realtime-api." in request.host else "appsync"


def _appconfig(request: Request) -> str:
    return "appconfigdata" if request.path.startswith("/configuration") else "appconfig"


_SHARED: dict[str, Callable[[Request], str | None]] = {
    "dynamodb": _dynamodb,
    "apigateway": _apigateway,
    "s3": _s3,
    "ses": _ses,
    "es": _opensearch,
    "execute-api": _execute_api,
    "elasticloadbalancing": _load_balancing,
    "lambda": _lambda,
    "appsync": _appsync,
    "appconfig": _appconfig,
}
