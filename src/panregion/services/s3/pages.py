"""What a website endpoint says itself: pages with a heading and a list of what the error tells. Pure."""

from html import escape

from panregion.wire import AwsError
from panregion.world import Response

REASONS = {
    301: "Moved Permanently",
    302: "Moved Temporarily",
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    412: "Precondition Failed",
    416: "Requested Range Not Satisfiable",
    500: "Internal Server Error",
    503: "Service Unavailable",
}
DOCUMENT_FAILED = "<h3>An Error Occurred While Attempting to Retrieve a Custom Error Document</h3>\n"
HTML = ("Content-Type", "text/html; charset=utf-8")


def page(error: AwsError, request_id: str, second: AwsError | None = None) -> Response:
    """The page of an error; `second` is what came of asking for the error document."""
    return Response(error.status, [HTML, *told(error)], _html(error.status, error, request_id, second).encode())


def told(error: AwsError) -> list[tuple[str, str]]:
    """The error in headers, where readers of a custom document find it."""
    headers = [("x-amz-error-code", error.code), ("x-amz-error-message", error.message)]
    details = [(f"x-amz-error-detail-{name}", str(value)) for name, value in error.fields.items()]
    return headers + [(name, value) for name, value in details if value.isascii() and value.isprintable()]


def to_slash(location: str, request_id: str) -> Response:
    """The redirect of a folder's name to the folder."""
    error = AwsError.of("Found", "Resource Found", 302)
    headers = [HTML, *told(error), ("Location", location)]
    return Response(302, headers, _html(302, error, request_id, None).encode())


def host_id(request_id: str) -> str:
    """The second id of a request, which AWS's support asks for."""
    return f"panregion/{request_id}"


def _html(status: int, error: AwsError, request_id: str, second: AwsError | None) -> str:
    title = f"{status} {REASONS.get(status, error.code)}"
    ids = [("RequestId", request_id), ("HostId", host_id(request_id))]
    after = "" if second is None else DOCUMENT_FAILED + _list(_lines(second))
    return (
        f"<html>\n<head><title>{title}</title></head>\n<body>\n<h1>{title}</h1>\n"
        f"{_list([*_lines(error), *ids])}{after}<hr/>\n</body>\n</html>\n"
    )


def _lines(error: AwsError) -> list[tuple[str, str]]:
    fields = [(name, str(value)) for name, value in error.fields.items()]
    return [("Code", error.code), ("Message", error.message), *fields]


def _list(lines: list[tuple[str, str]]) -> str:
    items = "".join(f"<li>{escape(name)}: {escape(value)}</li>\n" for name, value in lines)
    return f"<ul>\n{items}</ul>\n"
