"""A service outside every region: it says what it was asked, by HTTP and by HTTPS."""

import os
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

POSTED: list[str] = []


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/posted":
            self.answer(200, " ".join(POSTED))
        else:
            self.answer(200, f"{type(self.server).__name__} {self.headers['Host']} {self.path}")

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        POSTED.append(f"{self.path} {self.headers['x-amz-sns-message-type']}")
        self.answer(403 if self.path == "/refused" else 200, "")

    def answer(self, status: int, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Secure(ThreadingHTTPServer):
    """The same over TLS."""


if __name__ == "__main__":
    secure = Secure((os.environ["HOST"], int(os.environ["TLS_PORT"])), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(os.environ["TLS_CERTIFICATE"], os.environ["TLS_KEY"])
    secure.socket = context.wrap_socket(secure.socket, server_side=True)
    threading.Thread(target=secure.serve_forever, daemon=True).start()
    ThreadingHTTPServer((os.environ["HOST"], int(os.environ["PORT"])), Handler).serve_forever()
