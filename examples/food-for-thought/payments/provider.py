"""payments.bank.test: a payment provider's sandbox, somebody else's service as far as Food-for-Thought is concerned.

    POST /charges {"reference", "amount_cents", "currency", "card"}, Idempotency-Key    -> 201 the charge | 402 declined
    GET  /charges?reference=...                                                         -> {"charges": [...]}
    GET  /health                                                                        -> 200 | 503
    POST /sandbox {"slow_s": 5, "failing": true}: be slow, or fail, from now on         -> the settings

Cards: `ok`; `declined`; `slow` (answers after SLOW_S seconds); `timeout` (takes the money, and never answers the first
time); `twice` (answers twice on the same connection); any other is declined, as it is not known. A key that was used
before gets the answer that it got before.

HOST, PORT, TLS_PORT, TLS_CERTIFICATE, TLS_KEY and STATE_FOLDER say where it stands and what it keeps.
"""

import json
import os
import sqlite3
import ssl
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

PAYING = ("ok", "slow", "timeout", "twice")
SLOW_S = float(os.environ.get("SLOW_S", "5"))
SILENCE_S = 60.0
FIELDS = {"reference": str, "amount_cents": int, "currency": str, "card": str}


class Ledger:
    """What was charged, on disk before anybody is told."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._database = sqlite3.connect(path, check_same_thread=False)
        self._database.execute("CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, status INTEGER, body TEXT)")
        self._database.execute("CREATE INDEX IF NOT EXISTS by_reference ON answers (json_extract(body, '$.reference'))")

    def answer(self, key: str, asked: dict) -> tuple[int, dict, bool]:
        """The status and body that a key has got, or gets now, and whether it is new."""
        with self._lock, self._database:
            found = self._database.execute("SELECT status, body FROM answers WHERE key = ?", (key,)).fetchone()
            if found:
                return found[0], json.loads(found[1]), False
            status, body = decide(asked)
            self._database.execute("INSERT INTO answers VALUES (?, ?, ?)", (key, status, json.dumps(body)))
            return status, body, True

    def close(self) -> None:
        self._database.close()

    def charges(self, reference: str) -> list[dict]:
        query = "SELECT body FROM answers WHERE status = 201 AND json_extract(body, '$.reference') = ?"
        with self._lock:
            return [json.loads(body) for (body,) in self._database.execute(query, (reference,))]


def decide(asked: dict) -> tuple[int, dict]:
    about = {name: asked[name] for name in ("reference", "amount_cents", "currency")}
    if asked["card"] not in PAYING:
        return 402, {**about, "status": "declined", "error": "CardDeclined"}
    return 201, {**about, "id": f"charge-{uuid.uuid4()}", "status": "succeeded", "created_s": round(time.time(), 3)}


class Provider(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], ledger: Ledger, settings: dict) -> None:
        super().__init__(address, Requests)
        self.ledger = ledger
        self.settings = settings


class Requests(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Provider

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        if url.path == "/sandbox":
            return self.say(200, self.server.settings)
        if self.is_out_of_order():
            return None
        if url.path == "/health":
            return self.say(200, {"status": "healthy"})
        if url.path == "/charges":
            references = parse_qs(url.query).get("reference", [""])
            return self.say(200, {"charges": self.server.ledger.charges(references[0])})
        return self.say(404, {"error": "NotFound"})

    def do_POST(self) -> None:
        body = self.body()
        if body is None:
            return self.say(400, {"error": "BadRequest", "message": "send a JSON object"})
        if self.path == "/sandbox":
            self.server.settings.update(body)
            return self.say(200, self.server.settings)
        if self.path != "/charges":
            return self.say(404, {"error": "NotFound"})
        return None if self.is_out_of_order() else self.charge(body)

    def charge(self, asked: dict) -> None:
        key = self.headers.get("Idempotency-Key")
        wrong = [name for name, kind in FIELDS.items() if type(asked.get(name)) is not kind]
        if wrong or not key:
            fields = wrong or ["Idempotency-Key"]
            return self.say(400, {"error": "BadRequest", "message": f"missing or wrong: {', '.join(fields)}"})
        status, answer, is_new = self.server.ledger.answer(key, asked)
        if asked["card"] == "slow" and is_new:
            time.sleep(SLOW_S)
        if asked["card"] == "timeout" and is_new:
            time.sleep(SILENCE_S)
            self.close_connection = True
            return None
        if asked["card"] == "twice":
            self.say(status, answer)
        return self.say(status, answer)

    def is_out_of_order(self) -> bool:
        """Be as slow as the sandbox is set to be; true if it was set to fail, which has then been said."""
        time.sleep(self.server.settings["slow_s"])
        if self.server.settings["failing"]:
            self.say(503, {"error": "Unavailable"})
        return bool(self.server.settings["failing"])

    def body(self) -> dict | None:
        try:
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        except ValueError:
            return None
        return body if isinstance(body, dict) else None

    def say(self, status: int, body: dict) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *values: object) -> None:
        """Who asks what is nobody's business."""


def main() -> None:
    ledger = Ledger(Path(os.environ["STATE_FOLDER"]) / "ledger.sqlite")
    settings = {"slow_s": 0, "failing": False}
    secure = Provider((os.environ["HOST"], int(os.environ["TLS_PORT"])), ledger, settings)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(os.environ["TLS_CERTIFICATE"], os.environ["TLS_KEY"])
    secure.socket = context.wrap_socket(secure.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=secure.serve_forever, daemon=True).start()
    Provider((os.environ["HOST"], int(os.environ["PORT"])), ledger, settings).serve_forever()


if __name__ == "__main__":
    main()
