"""Somebody who dies in the middle of an answer."""

from http.server import BaseHTTPRequestHandler


class HangsUp(BaseHTTPRequestHandler):
    """Promises a thousand bytes, sends one, and is gone."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"{")

    do_POST = do_GET  # noqa: N815 - named by the class above
