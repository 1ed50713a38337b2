"""In place of the catalog: one restaurant, and whatever is asked beside it is not known."""

import json
import os
import ssl
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

DISHES = [
    {"id": "soup", "name": "Soup", "description": "", "price_cents": 450, "currency": "EUR"},
    {"id": "bread", "name": "Bread", "description": "", "price_cents": 120, "currency": "EUR"},
    {"id": "bagel", "name": "Bagel", "description": "", "price_cents": 300, "currency": "USD"},
]
KITCHEN = {"id": "soup-kitchen", "name": "Soup Kitchen", "menus": [{"id": "all", "name": "All", "dishes": DISHES}]}


class Menus(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        known = self.path == "/restaurants/soup-kitchen"
        data = json.dumps(KITCHEN if known else {"error": "UnknownRestaurant"}).encode()
        self.send_response(200 if known else 404)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


if __name__ == "__main__":
    server = ThreadingHTTPServer((os.environ["HOST"], int(os.environ["TLS_PORT"])), Menus)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(os.environ["TLS_CERTIFICATE"], os.environ["TLS_KEY"])
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.serve_forever()
