"""A test double of Food-for-Thought's HTTP contract: every name of the application on one port, by Host header.

It serves the real pages, a small catalog and orders kept in memory. It can lose regions: a region that is lost answers
nothing, and one that `dies_after_storing` keeps the next order and takes its answer along. Which region the global name
leads to is `nearest`; unlike DNS it never changes by itself. Copies of orders are `late` for so many readers. What
comes by a method that is `held` is answered when `let_go` is set.
"""

import json
import mimetypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, unquote, urlsplit

EXAMPLE = Path(__file__).parents[3] / "examples" / "food-for-thought"
TOKEN = "sesame"
HOLD_S = 30
HOSTILE = 'Ba&\'"<img src=x onerror="document.documentElement.dataset.taken=1">n'
CORS = {
    "access-control-allow-origin": "http://www.food.test",
    "access-control-allow-headers": "content-type,authorization,x-correlation-id",
    "access-control-allow-methods": "GET,POST,PUT,DELETE",
    "access-control-expose-headers": "x-food-region,x-correlation-id",
}
Answer = tuple[int, Any, str]


def dish(id: str, name: str, description: str, price_cents: int, currency: str) -> dict[str, Any]:
    return {"id": id, "name": name, "description": description, "price_cents": price_cents, "currency": currency}


def restaurant(id: str, name: str, city: str, jurisdiction: str, cuisine: str, rating: float) -> dict[str, Any]:
    currency = {"US": "USD", "EU": "EUR"}[jurisdiction]
    mains = [
        dish("soup", "Tomato soup", "With basil, olive oil and bread from yesterday", 650, currency),
        dish("risotto", "Risotto with lemon", "Slowly stirred, with a little too much cheese", 1450, currency),
        dish("pie", "Mushroom pie", "Chestnut mushrooms, thyme, butter pastry", 1290, currency),
    ]
    sweet = [dish("cake", "Almond cake", "Still warm", 520, currency)]
    menus = [{"id": "mains", "name": "Mains", "dishes": mains}, {"id": "sweet", "name": "Sweet", "dishes": sweet}]
    about = {"id": id, "name": name, "city": city, "jurisdiction": jurisdiction, "cuisine": cuisine}
    return {**about, "rating": rating, "version": 1, "menus": menus}


NAMES = ("Trattoria da Anna", "The Quiet Spoon", "Golden Lotus", "Casa Verde", "Harbour Kitchen", "Saffron House")
PLACES = (("London", "EU"), ("New York", "US"), ("Berlin", "EU"), ("Chicago", "US"))
CUISINES = ("Italian", "Vegetarian", "Thai", "Mexican", "Seafood", "Indian")


def one_of_many(number: int) -> dict[str, Any]:
    name = NAMES[number % 6] + (f" {number // 6 + 1}" if number > 5 else "")
    return restaurant(f"r-{number:03}", name, *PLACES[number % 4], CUISINES[number % 6], 4.9 - number / 20)


class Double:
    """The application's state. Tests read and set it directly."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.nearest = "us-east-1"
        self.lost: set[str] = set()
        self.dies_after_storing = ""
        self.asked: list[tuple[str, str, str]] = []
        self.restaurants = {each["id"]: each for each in map(one_of_many, range(30))}
        self.restaurants["r-099"] = restaurant("r-099", HOSTILE, "London", "EU", "<b>Bold</b>", 4.0)
        self.orders: dict[str, dict[str, Any]] = {}
        self.moves_by_itself = True
        self.late = 0
        self.unspeakable: set[str] = set()
        self.held = ""
        self.let_go = threading.Event()

    def answer(self, host: str, method: str, path: str, body: Any, authorization: str) -> Answer | None:
        """Status, body and region; None where nobody answers."""
        name = host.removesuffix(".food.test")
        self.asked.append((name, method, path))
        region = name.removesuffix(".api") if name.endswith(".api") else self.nearest
        if region in self.lost:
            return None
        parts = [unquote(part) for part in urlsplit(path).path.strip("/").split("/")]
        query = {key: values[0] for key, values in parse_qs(urlsplit(path).query).items()}
        if name == "catalog":
            return (*self.catalog(parts, query), region)
        if name == "admin":
            return (*self.admin(method, parts, body, authorization), "us-east-1")
        found = self.order(region, method, parts, body)
        return None if region in self.lost else (*found, region)

    def catalog(self, parts: list[str], query: dict[str, str]) -> tuple[int, Any]:
        if query.get("cuisine") in self.unspeakable:
            return 400, {"error": "BadRequest", "message": "There is no such kitchen"}
        if len(parts) == 2:
            found = self.restaurants.get(parts[1])
            return (200, found) if found else (404, {"error": "UnknownRestaurant", "message": "There is none"})
        wanted = [
            {key: value for key, value in each.items() if key != "menus"}
            for each in self.restaurants.values()
            if all(each[field] == query[field] for field in ("city", "cuisine") if field in query)
        ]
        begin = int(query.get("after", 0))
        page: dict[str, Any] = {"restaurants": wanted[begin : begin + 24]}
        return 200, page | ({"next": str(begin + 24)} if len(wanted) > begin + 24 else {})

    def admin(self, method: str, parts: list[str], body: Any, authorization: str) -> tuple[int, Any]:
        if authorization != f"Bearer {TOKEN}":
            return 403, {"message": "Forbidden"}
        if "us-east-1" in self.lost:
            message = "Updates are not possible now, because us-east-1 is away"
            return 503, {"error": "NotMaster", "master": "us-east-1", "message": message}
        name = parts[1]
        if len(parts) == 2 and method == "PUT":
            self.restaurants[name] = {"menus": [], "version": 1, **self.restaurants.get(name, {}), **body, "id": name}
            return 200, self.restaurants[name]
        if len(parts) == 2:
            self.restaurants.pop(name)
            return 200, {"id": name, "removed": True}
        self.part(self.restaurants[name]["menus"], method, parts[2:], body)
        self.restaurants[name]["version"] += 1
        return 200, self.restaurants[name]

    def part(self, among: list[Any], method: str, parts: list[str], body: Any) -> None:
        """Change a menu, or a dish in one."""
        held = next((each for each in among if each["id"] == parts[1]), None)
        if len(parts) > 2:
            assert held is not None
            self.part(held["dishes"], method, parts[2:], body)
            return
        if method == "DELETE":
            among[:] = [each for each in among if each is not held]
            return
        if held is None:
            held = {"id": parts[1]} | ({"dishes": []} if parts[0] == "menus" else {})
            among.append(held)
        held.update(body)

    def order(self, region: str, method: str, parts: list[str], body: Any) -> tuple[int, Any]:
        with self.lock:
            if method == "POST" and len(parts) == 1:
                return self.place(region, body)
            if parts[0] == "customers":
                return 200, {"orders": [self.view(order, region) for order in self.orders.values()]}
            found = self.orders.get(parts[1])
            if found and found["home_region"] != region and self.late:
                self.late, found = self.late - 1, None
            if found is None:
                return 404, {"error": "UnknownOrder", "message": "There is no such order here (yet)."}
            if method == "GET":
                if self.moves_by_itself and found["state"] == "placed":
                    found["state"] = "paid"
                return 200, self.view(found, region)
            if found["home_region"] != region:
                url = f"http://{found['home_region']}.api.food.test/orders/{parts[1]}/transitions"
                return 409, {"error": "NotHomeRegion", "home_region": found["home_region"], "url": url}
            if found["state"] == body["to"]:
                message = f"An order that is {body['to']} cannot become {body['to']}."
                return 409, {"error": "IllegalMove", "message": message, "state": body["to"]}
            found["state"] = body["to"]
            return 200, {"order": self.view(found, region)}

    def place(self, region: str, body: Any) -> tuple[int, Any]:
        if body["customer"]["jurisdiction"] == "EU" and not region.startswith("eu-"):
            url = "http://eu-west-1.api.food.test/orders"
            return 421, {"error": "WrongJurisdiction", "url": url, "message": "In Europe only."}
        held = next((order for order in self.orders.values() if order["order_id"].endswith(body["id"])), None)
        if held:
            return 200, {"order": self.view(held, region)}
        if not body["customer"]["name"].strip():
            return 400, {"error": "InvalidOrder", "message": "A name is missing."}
        priced = {dish["id"]: dish for menu in self.restaurants[body["restaurant"]]["menus"] for dish in menu["dishes"]}
        lines = [
            {**line, **{key: priced[line["dish"]][key] for key in ("name", "price_cents")}} for line in body["lines"]
        ]
        order = {
            "order_id": f"{region}~{body['id']}",
            "customer_id": body["customer"]["id"],
            "home_region": region,
            "restaurant": {key: self.restaurants[body["restaurant"]][key] for key in ("id", "name")},
            "lines": lines,
            "total_cents": sum(line["quantity"] * line["price_cents"] for line in lines),
            "currency": priced[lines[0]["dish"]]["currency"],
            "state": "cancelled" if body["card"] == "declined" else "placed",
            "version": 1,
            "placed_at": datetime.now(UTC).isoformat(),
        }
        if body["card"] == "declined":
            order["reason"] = "The card was declined"
        self.orders[order["order_id"]] = order
        if self.dies_after_storing == region:
            self.lost.add(region)
        return 201, {"order": self.view(order, region)}

    def view(self, order: dict[str, Any], region: str) -> dict[str, Any]:
        if order["home_region"] == region:
            return {**order, "age_s": 0}
        return {**order, "age_s": 40, "note": f"This is a copy. What {order['home_region']} did since may be missing."}


class Handler(BaseHTTPRequestHandler):
    double: ClassVar[Double]
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing: a test's output is the test's."""

    def answer(self) -> None:
        host = self.headers["host"].partition(":")[0]
        text = self.rfile.read(int(self.headers.get("content-length", 0)))
        if self.command == "OPTIONS":
            self.say(204, b"", {**CORS, "access-control-max-age": "600"})
        elif host == "www.food.test":
            self.page()
        else:
            body = json.loads(text) if text else None
            found = self.double.answer(host, self.command, self.path, body, self.headers.get("authorization", ""))
            if found is None:
                self.close_connection = True
                self.connection.close()
                return
            if self.command == self.double.held:
                self.double.let_go.wait(HOLD_S)
            status, said, region = found
            headers = {**CORS, "content-type": "application/json", "x-food-region": region}
            self.say(status, json.dumps(said).encode(), headers)

    def page(self) -> None:
        path = urlsplit(self.path).path
        file = EXAMPLE / "pages" / (path.lstrip("/") or "index.html")
        if not file.is_file():
            self.say(404, b"not there", {"content-type": "text/plain"})
            return
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        self.say(200, file.read_bytes(), {"content-type": kind, "cache-control": "no-store"})

    def say(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = do_OPTIONS = answer  # noqa: N815 - the library's names


@contextmanager
def serving(double: Double) -> Iterator[int]:
    """Serve a double; the port of the loopback interface that it is at."""
    handler = type("Bound", (Handler,), {"double": double})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
