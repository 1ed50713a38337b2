"""What a load balancer adds to requests and answers by itself. Pure."""

from dataclasses import dataclass
from urllib.parse import quote

from panregion.world import Headers, Request, Response

SERVER = ("Server", "awselb/2.0")
HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"}
)
NAME_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-")


@dataclass(frozen=True, slots=True)
class Arrival:
    """Where a request arrived: the listener's protocol and port, and how the load balancer is to treat headers."""

    protocol: str
    port: int
    xff_mode: str = "append"
    xff_port: bool = False
    drop_invalid: bool = False


PHRASES = {
    301: "Moved Permanently",
    302: "Found",
    400: "Bad Request",
    405: "Method Not Allowed",
    413: "Request Entity Too Large",
    414: "Request-URI Too Large",
    502: "Bad Gateway",
    503: "Service Temporarily Unavailable",
    504: "Gateway Time-out",
}
"""As the load balancer's own pages name them."""


class Refused(Exception):
    """The load balancer answers for itself, with this status."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


def error(status: int) -> Response:
    """The page that a load balancer answers with by itself."""
    title = f"{status} {PHRASES[status]}"
    page = (
        f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n"
        "</body>\r\n</html>\r\n"
    )
    return Response(status, [SERVER, ("Content-Type", "text/html")], page.encode())


def fixed(config: dict[str, str]) -> Response:
    kind = [("Content-Type", config["ContentType"])] if config.get("ContentType") else []
    body = config.get("MessageBody", "").encode()
    return Response(
        int(config["StatusCode"]), [SERVER, *(kind or [("Content-Type", "text/plain; charset=utf-8")])], body
    )


def redirect(config: dict[str, str], request: Request, arrival: Arrival) -> Response:
    """To where the request was, but for what the action changes."""
    parts = {
        "#{protocol}": arrival.protocol.lower(),
        "#{host}": request.host,
        "#{port}": str(arrival.port),
        "#{path}": request.path.removeprefix("/"),
        "#{query}": request.query,
    }

    def filled(name: str) -> str:
        text = config[name]
        for mark, value in parts.items():
            text = text.replace(mark, value)
        return text

    query = filled("Query")
    host = filled("Host")
    location = f"{filled('Protocol').lower()}://{host}:{filled('Port')}{filled('Path')}{'?' + query if query else ''}"
    answer = error(int(config["StatusCode"].removeprefix("HTTP_")))
    answer.headers.append(("Location", quote(location, safe="%/:=&?~#+!$,;'@()*[]")))
    return answer


def onward(request: Request, arrival: Arrival, trace_id: str) -> Headers:
    """The headers that a target is sent."""
    headers = [
        (name, value)
        for name, value in request.headers
        if name.lower() not in HOP_BY_HOP and not (arrival.drop_invalid and not NAME_CHARACTERS.issuperset(name))
    ]
    if arrival.xff_mode != "preserve":
        before = request.header("x-forwarded-for") if arrival.xff_mode == "append" else None
        headers = [pair for pair in headers if pair[0].lower() != "x-forwarded-for"]
    if arrival.xff_mode == "append":
        headers.append(("X-Forwarded-For", f"{before}, {request.peer}" if before else request.peer))
    ours = {"x-forwarded-proto", "x-forwarded-port", "x-amzn-trace-id"}
    traced = request.header("x-amzn-trace-id")
    headers = [pair for pair in headers if pair[0].lower() not in ours]
    headers += [
        ("X-Forwarded-Proto", arrival.protocol.lower()),
        ("X-Forwarded-Port", str(arrival.port)),
        ("X-Amzn-Trace-Id", f"Self={trace_id};{traced}" if traced else f"Root={trace_id}"),
    ]
    return headers


def cookie(request: Request, name: str) -> str | None:
    """A cookie of the request."""
    for text in (request.header("cookie") or "").replace(",", ";").split(";"):
        key, found, value = text.strip().partition("=")
        if found and key == name:
            return value
    return None
