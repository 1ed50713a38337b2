"""Who may ask the console, and what its pages may do.

The console acts on a world, and any page that a browser shows can send requests to a loopback address. So:

- the Host header must be the console's own, else a name that somebody else's DNS leads to 127.0.0.1 would make their
  page one of ours (DNS rebinding);
- what changes something carries a token that only our pages hold, and comes from them, as Origin and Sec-Fetch-Site say
  (https://developer.mozilla.org/en-US/docs/Web/HTTP/Headers/Sec-Fetch-Site);
- a page loads and runs what the console itself serves, and nothing else; nobody may frame it.
"""

import hmac

from panregion.world import Headers, Request

FORM = "application/x-www-form-urlencoded"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Headers = [
    ("Content-Security-Policy", POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
]
"""On every answer."""


class Forbidden(Exception):
    """The request is not one of our own pages'; the text says why and what would help."""


class Guard:
    """Decides about requests to a console at a port of the loopback interface."""

    def __init__(self, port: int, token: str) -> None:
        self._hosts = {f"{name}:{port}" for name in ("127.0.0.1", "localhost")}
        self._origins = {f"http://{host}" for host in self._hosts}
        self.token = token

    def check(self, request: Request) -> None:
        """Raise Forbidden for what no page of ours would ask."""
        if (request.header("host") or "").lower() not in self._hosts:
            raise Forbidden(f"the console answers to {' and '.join(sorted(self._hosts))} only")
        if request.method in ("GET", "HEAD"):
            return
        origin, site = request.header("origin"), request.header("sec-fetch-site")
        if (origin is not None and origin not in self._origins) or site not in (None, "same-origin", "none"):
            raise Forbidden("a page of somebody else may not act on this world")
        if (request.header("content-type") or "").partition(";")[0].strip() != FORM:
            raise Forbidden(f"an action is a form ({FORM})")

    def check_token(self, given: str) -> None:
        """Raise Forbidden unless it is the token of our pages."""
        if not hmac.compare_digest(given.encode(), self.token.encode()):
            raise Forbidden("this page is from an earlier run of the console: load it again, then act")
