"""The functions of the order service, one by one, against a region in this process and a provider beside it."""

import json
import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from tests.food.functions import SOURCES, ask, function
from tests.food.hangs_up import HangsUp
from tests.food.menus import Menus
from tests.food.ordering import BERLINER, checkout
from tests.support import ServedRegion

HOME, EUROPE = "us-east-1", "eu-west-1"
ORDERS, COPIES, AMERICANS, EUROPEANS = "food-f-orders", "food-f-copies", "food-f-people-us", "food-f-people-eu"
PLACE, READ, MOVE = "POST /orders", "GET /orders/{order_id}", "POST /orders/{order_id}/transitions"

Json = dict[str, Any]


class Service:
    """The order service of one region; `load` gives a module of it, fresh."""

    def __init__(self, served: ServedRegion, load: Callable[..., ModuleType]) -> None:
        self.load = load
        self.tables = served.client("dynamodb")
        self.queues = served.client("sqs")
        self.charges = self.queues.create_queue(QueueName=f"food-f-charges-{uuid.uuid4()}")["QueueUrl"]
        self.parked = self.queues.create_queue(QueueName=f"food-f-parked-{uuid.uuid4()}")["QueueUrl"]

    def item(self, order_id: str, table: str = ORDERS) -> Json:
        found: Json = self.tables.get_item(TableName=table, Key={"order_id": {"S": order_id}})
        return {name: next(iter(value.values())) for name, value in found.get("Item", {}).items()}

    def waiting(self, url: str) -> list[Json]:
        """What is in a queue, as Lambda hands it over; each message is seen once."""
        messages = self.queues.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=1, MessageSystemAttributeNames=["All"]
        )
        return [
            {
                "messageId": message["MessageId"],
                "receiptHandle": message["ReceiptHandle"],
                "body": message["Body"],
                "attributes": message["Attributes"],
            }
            for message in messages.get("Messages", [])
        ]


def serving(server: ThreadingHTTPServer) -> Iterator[str]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.fixture(scope="module")
def menus() -> Iterator[str]:
    yield from serving(ThreadingHTTPServer(("127.0.0.1", 0), Menus))


@pytest.fixture
def bank(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The provider's address; its silence is short."""
    monkeypatch.syspath_prepend(str(SOURCES.parent / "payments"))
    monkeypatch.delitem(sys.modules, "provider", raising=False)
    import provider  # type: ignore[import-not-found]

    monkeypatch.setattr(provider, "SILENCE_S", 0.6)
    monkeypatch.setattr(provider, "SLOW_S", 0.6)
    ledger = provider.Ledger(tmp_path / "ledger")
    yield from serving(provider.Provider(("127.0.0.1", 0), ledger, {"slow_s": 0, "failing": False}))
    ledger.close()


@pytest.fixture(scope="module")
def tables(served: ServedRegion) -> None:
    client = served.client("dynamodb")
    for name in (ORDERS, COPIES, AMERICANS, EUROPEANS):
        kept = {"TableName": name, "BillingMode": "PAY_PER_REQUEST"}
        key = {"AttributeName": "order_id", "KeyType": "HASH"}
        types = [{"AttributeName": each, "AttributeType": "S"} for each in ("order_id", "customer_id", "placed_at")]
        if name in (ORDERS, COPIES):
            by = [
                {"AttributeName": "customer_id", "KeyType": "HASH"},
                {"AttributeName": "placed_at", "KeyType": "RANGE"},
            ]
            index = {"IndexName": "by-customer", "KeySchema": by, "Projection": {"ProjectionType": "ALL"}}
            client.create_table(**kept, KeySchema=[key], AttributeDefinitions=types, GlobalSecondaryIndexes=[index])
        else:
            client.create_table(**kept, KeySchema=[key], AttributeDefinitions=types[:1])
        client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 0.05})


@pytest.fixture
def service(served: ServedRegion, tables: None, bank: str, menus: str, monkeypatch: pytest.MonkeyPatch) -> Service:
    def load(name: str, **environment: str) -> ModuleType:
        known = {
            "REGIONS": f"{HOME},{EUROPE}",
            "ORDERS_TABLE": ORDERS,
            "PEOPLE_TABLE_US": AMERICANS,
            "CATALOG_URL": menus,
            "PAYMENTS_URL": bank,
            "PAYMENTS_TIMEOUT_S": "0.3",
            "CHARGES_QUEUE_URL": made.charges,
            "CHARGES_PAUSE_MAX_S": "0",
            "PARKED_QUEUE_URL": made.parked,
            "PARKED_PAUSE_MAX_S": "0",
            "AWS_ENDPOINT_URL": served.endpoint,
        }
        return function(monkeypatch, "orders", name, **{**known, **environment})

    made = Service(served, load)
    return made


def placed(api: ModuleType, body: Json) -> str:
    status, answer = ask(api, PLACE, body=body)
    assert status == 201, answer
    order_id: str = answer["order"]["order_id"]
    return order_id


def delivered(order_id: str, attempt: int = 1) -> Json:
    """A message of the queue of charges, as Lambda hands it over."""
    body = json.dumps({"order_id": order_id, "correlation_id": str(uuid.uuid4())})
    return {
        "messageId": "m",
        "receiptHandle": "r",
        "body": body,
        "attributes": {"ApproximateReceiveCount": str(attempt)},
    }


def test_an_order_is_kept_whole_and_found_again(service: Service) -> None:
    api, body = service.load("api"), checkout("US")
    order_id = placed(api, body)
    assert order_id == f"{HOME}~{body['id']}"
    kept = service.item(order_id)
    assert (kept["state"], kept["version"], kept["total_cents"]) == ("placed", "1", "1020")
    assert not {"name", "address", "phone", "card"} & kept.keys()
    assert service.item(order_id, AMERICANS)["phone"] == body["customer"]["phone"]
    status, again = ask(api, PLACE, body={**body, "lines": [{"dish": "bread", "quantity": 9}]})
    assert (status, again["order"]["total_cents"]) == (200, 1020)
    status, order = ask(api, READ, order_id=order_id)
    assert (status, order["home_region"], order["age_s"], "note" in order) == (200, HOME, 0, False)
    assert order["deliver_to"]["name"] == body["customer"]["name"]
    status, listed = ask(api, "GET /customers/{customer_id}/orders", customer_id=body["customer"]["id"])
    assert [each["order_id"] for each in listed["orders"]] == [order_id]


@pytest.mark.parametrize(
    ("change", "status", "error"),
    [
        ({"id": "1"}, 400, "BadRequest"),
        ({"customer": {"jurisdiction": "MARS"}}, 400, "BadRequest"),
        ({"customer": "me"}, 400, "BadRequest"),
        ({"customer": {"jurisdiction": "US", "id": "c"}}, 400, "BadRequest"),
        ({"lines": []}, 400, "BadRequest"),
        ({"lines": [{"dish": "soup", "quantity": True}]}, 400, "BadRequest"),
        ({"lines": [{"dish": "soup", "quantity": -1}]}, 400, "BadRequest"),
        ({"lines": [{"dish": "caviar", "quantity": 1}]}, 422, "UnknownDish"),
        ({"lines": [{"dish": "soup", "quantity": 1}, {"dish": "bagel", "quantity": 1}]}, 422, "SeveralCurrencies"),
        ({"restaurant": "nowhere"}, 422, "UnknownRestaurant"),
        ({"card": ""}, 400, "BadRequest"),
    ],
)
def test_what_cannot_be_ordered(service: Service, change: Json, status: int, error: str) -> None:
    found, answer = ask(service.load("api"), PLACE, body={**checkout("US"), **change})
    assert (found, answer["error"]) == (status, error)


@pytest.mark.parametrize("who", ["walt@example.org", "+1-718-5550188", "Walt Whitman"])
def test_who_somebody_is_cannot_be_their_id(service: Service, who: str) -> None:
    """Orders are in every region, and the customer's id is in them."""
    status, answer = ask(service.load("api"), PLACE, body=checkout("US", customer=who))
    assert (status, answer["message"]) == (400, "customer.id is a UUID in small letters, drawn by the client.")


def test_without_the_catalog_nothing_is_ordered(service: Service) -> None:
    api = service.load("api", CATALOG_URL="http://127.0.0.1:9")
    status, answer = ask(api, PLACE, body=checkout("US"))
    assert (status, answer["error"]) == (503, "CatalogAway")


@pytest.fixture(scope="module")
def hanging_up() -> Iterator[str]:
    yield from serving(ThreadingHTTPServer(("127.0.0.1", 0), HangsUp))


def test_who_hangs_up_in_the_middle_of_an_answer_has_given_none(service: Service, hanging_up: str) -> None:
    api = service.load("api", CATALOG_URL=hanging_up, PAYMENTS_URL=hanging_up)
    status, answer = ask(api, PLACE, body=checkout("US"))
    assert (status, answer["error"]) == (503, "CatalogAway")
    assert ask(api, "GET /health") == (503, {"status": "unhealthy", "reason": "the payment provider cannot be reached"})
    with pytest.raises(api.health.bank.Unknown):
        api.health.bank.charge("reference", 1, "EUR", "ok")


def test_a_european_is_refused_in_america_before_anything_is_kept_or_logged(
    service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    body = checkout("EU")
    status, answer = ask(service.load("api"), PLACE, body=body)
    assert (status, answer["error"]) == (409, "WrongJurisdiction")
    assert answer["url"] == "https://eu-west-1.api.food.test/orders"
    assert service.item(f"{HOME}~{body['id']}") == {}
    logged = capsys.readouterr().out
    assert '"route": "POST /orders", "status": 409' in logged
    assert not [word for word in [*BERLINER.values(), body["customer"]["id"]] if word in logged + json.dumps(answer)]


def test_europe_takes_europeans(service: Service) -> None:
    api = service.load("api", PEOPLE_TABLE_EU=EUROPEANS)
    api.places.HERE = api.store.HERE = EUROPE
    order_id = placed(api, checkout("EU"))
    assert order_id.startswith(EUROPE)
    assert service.item(order_id, EUROPEANS)["name"] == BERLINER["name"]
    assert service.item(order_id, AMERICANS) == {}


def test_what_a_customer_typed_is_in_no_log(service: Service, capsys: pytest.CaptureFixture[str]) -> None:
    api, body = service.load("api", PEOPLE_TABLE_US="food-f-none"), checkout("US")
    status, answer = ask(api, PLACE, body=body)
    assert (status, answer["error"]) == (500, "InternalError")
    logged = capsys.readouterr().out
    assert "ResourceNotFoundException" in logged
    assert not [word for word in body["customer"].values() if word != "US" and word in logged]


def test_only_legal_moves_and_only_at_home(service: Service) -> None:
    api, payments = service.load("api"), service.load("payments")
    order_id = placed(api, checkout("US"))
    for to in ("preparing", "delivered", "paid", "cancelled", "eaten", None):
        status, answer = ask(api, MOVE, body={"to": to}, order_id=order_id)
        assert (status, answer["error"]) == (409, "IllegalMove")
    payments.handler({"Records": [delivered(order_id)]}, None)
    for to in ("preparing", "out_for_delivery", "delivered"):
        assert ask(api, MOVE, body={"to": to}, order_id=order_id)[0] == 200
    assert ask(api, MOVE, body={"to": "delivered"}, order_id=order_id)[0] == 409
    elsewhere = f"{EUROPE}~{uuid.uuid4()}"
    status, answer = ask(api, MOVE, body={"to": "preparing"}, order_id=elsewhere)
    assert (status, answer["error"], answer["home_region"]) == (409, "NotHomeRegion", EUROPE)
    assert answer["url"] == f"https://eu-west-1.api.food.test/orders/{elsewhere}/transitions"
    for unknown in ("mars-1~1", "x", f"{HOME}~{uuid.uuid4()}"):
        assert ask(api, READ, order_id=unknown)[0] == 404
        assert ask(api, MOVE, body={"to": "preparing"}, order_id=unknown)[0] == 404


@pytest.mark.parametrize(
    ("card", "first", "state"),
    [
        ("ok", [], "paid"),
        ("declined", [], "cancelled"),
        ("4242 4242 4242 4242", [], "cancelled"),
        ("twice", [], "paid"),
        ("timeout", ["m"], "paid"),
        ("slow", ["m"], "paid"),
    ],
)
def test_an_order_is_charged_once(service: Service, card: str, first: list[str], state: str) -> None:
    api, payments, body = service.load("api"), service.load("payments"), checkout("US", card=card)
    order_id = placed(api, body)
    for attempt in (1, 2, 3):  # the queue may deliver a message again after it was dealt with
        answer = payments.handler({"Records": [delivered(order_id, attempt)]}, None)
        assert [each["itemIdentifier"] for each in answer["batchItemFailures"]] == (first if attempt == 1 else [])
    assert service.item(order_id)["state"] == state
    charge = payments.bank.charge_by(body["id"])
    assert (charge is None) == (state == "cancelled")
    assert charge is None or (charge["amount_cents"], charge["id"]) == (1020, service.item(order_id)["charge_id"])


def test_the_card_of_an_order_that_was_just_placed_is_there(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """DynamoDB may answer a read that does not insist with what was there before."""
    api, payments, body = service.load("api"), service.load("payments"), checkout("US")
    order_id = placed(api, body)
    people = payments.store.dynamodb.Table(AMERICANS)

    def get_item(**asked: Any) -> Any:
        return people.get_item(**asked) if asked.get("ConsistentRead") else {}

    monkeypatch.setattr(payments.store.dynamodb, "Table", lambda _name: SimpleNamespace(get_item=get_item))
    assert payments.handler({"Records": [delivered(order_id)]}, None) == {"batchItemFailures": []}
    assert service.item(order_id)["state"] == "paid"


def test_a_crash_between_charge_and_note_takes_no_second_charge(service: Service) -> None:
    api, payments, body = service.load("api"), service.load("payments"), checkout("US")
    order_id = placed(api, body)
    before = payments.bank.charge(body["id"], 1020, "EUR", "ok")
    payments.handler({"Records": [delivered(order_id, 2)]}, None)
    assert service.item(order_id)["charge_id"] == before["id"]


def test_what_could_not_be_noted_comes_again(service: Service) -> None:
    """Somebody else was always quicker to write: a charge that was made and not noted must not be forgotten."""
    api, payments = service.load("api"), service.load("payments")
    order_id = placed(api, checkout("US"))
    written, payments.store.__dict__["_replaced"] = payments.store._replaced, lambda _order, _moved: False
    assert payments.handler({"Records": [delivered(order_id)]}, None)["batchItemFailures"] == [{"itemIdentifier": "m"}]
    payments.store.__dict__["_replaced"] = written
    assert payments.handler({"Records": [delivered(order_id, 2)]}, None) == {"batchItemFailures": []}
    assert service.item(order_id)["state"] == "paid"


def test_a_message_that_was_sent_back_days_later_takes_no_second_charge(service: Service) -> None:
    """Its deliveries are counted anew, and providers forget keys after a while."""
    api, payments, body = service.load("api"), service.load("payments"), checkout("US")
    order = api.store.read(placed(api, body))
    api.store.orders.put_item(Item={**order, "placed_at": "2020-01-01T00:00:00.000+00:00"})
    before = payments.bank.charge(body["id"], 1020, "EUR", "ok")
    payments.bank.__dict__["charge"] = None  # the key is forgotten: whoever charged now would take the money twice
    assert payments.handler({"Records": [delivered(order["order_id"])]}, None) == {"batchItemFailures": []}
    assert service.item(order["order_id"])["charge_id"] == before["id"]


def test_health_is_that_of_table_and_provider_as_of_a_moment_ago(service: Service, bank: str) -> None:
    api = service.load("api")
    assert ask(api, "GET /health") == (200, {"status": "healthy"})
    api.health.bank.URL = "http://127.0.0.1:9"
    assert ask(api, "GET /health")[0] == 200  # believed
    api.health._found["until"] = 0.0
    assert ask(api, "GET /health") == (503, {"status": "unhealthy", "reason": "the payment provider cannot be reached"})
    api.health.bank.URL = bank
    api.health._found["until"] = 0.0
    assert ask(api, "GET /health")[0] == 200
    broken = service.load("api", ORDERS_TABLE="food-f-none")
    assert "table of orders cannot be read" in ask(broken, "GET /health")[1]["reason"]


class Elsewhere:
    """Replication with Europe's table under another name in the same region; `away` makes it refuse."""

    def __init__(self, service: Service) -> None:
        self.replication = service.load("replication")
        self.store = self.replication.store
        self.service = service
        self.here = self.store.dynamodb.Table(COPIES)
        self.away = False
        self.store._elsewhere[EUROPE] = self

    def put_item(self, **params: Any) -> Any:
        if self.away:
            from botocore.exceptions import EndpointConnectionError

            raise EndpointConnectionError(endpoint_url="https://dynamodb.eu-west-1.amazonaws.com")
        return self.here.put_item(**params)

    def changed(self, order_id: str, table: str = ORDERS) -> list[Json]:
        """Hand an order as it is now to the stream's function; what it failed with."""
        item = self.service.tables.get_item(TableName=table, Key={"order_id": {"S": order_id}})["Item"]
        record = {"eventName": "MODIFY", "dynamodb": {"NewImage": item, "SequenceNumber": "1"}}
        failed: list[Json] = self.replication.from_stream({"Records": [record]}, None)["batchItemFailures"]
        return failed


def test_changes_go_to_the_other_region_and_no_further(service: Service) -> None:
    order_id = placed(service.load("api"), checkout("US"))
    elsewhere = Elsewhere(service)
    assert elsewhere.changed(order_id) == []
    copy = service.item(order_id, COPIES)
    assert (copy["version"], copy["replicated_from"]) == ("1", HOME)
    elsewhere.store.move(order_id, "paid", charge_id="c")
    assert elsewhere.changed(order_id) == []
    assert service.item(order_id, COPIES)["state"] == "paid"
    elsewhere.store.send({**elsewhere.store.read(order_id), "version": 1, "state": "placed"}, EUROPE)  # late
    assert service.item(order_id, COPIES)["state"] == "paid"
    elsewhere.store._elsewhere.clear()  # a copy that were sent on would now be sent to a region that is not there
    assert elsewhere.changed(order_id, COPIES) == []
    assert service.waiting(service.parked) == []


def test_the_id_of_a_request_that_moves_an_order_goes_with_its_copies(
    service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    api, replication = service.load("api"), Elsewhere(service)
    order_id = placed(api, checkout("US"))
    first = service.item(order_id)["correlation_id"]
    with api.log.correlated(str(uuid.uuid4())) as courier:
        api.store.move(order_id, "paid")
    capsys.readouterr()
    assert replication.changed(order_id) == []
    logged = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (sent,) = [entry for entry in logged if entry.get("message") == "order replicated"]
    assert sent["correlation_id"] == courier != first
    assert replication.changed(order_id, COPIES) == []
    arrived = json.loads(capsys.readouterr().out)
    assert (arrived["message"], arrived["correlation_id"], arrived["version"]) == ("copy arrived", courier, "2")


def test_a_region_that_is_away_gets_the_order_when_it_is_back(service: Service) -> None:
    order_id = placed(service.load("api"), checkout("US"))
    elsewhere = Elsewhere(service)
    elsewhere.away = True
    assert elsewhere.changed(order_id) == []
    assert service.item(order_id, COPIES) == {}
    (message,) = service.waiting(service.parked)
    assert elsewhere.replication.from_queue({"Records": [message]}, None)["batchItemFailures"] != []
    elsewhere.away = False
    elsewhere.store.move(order_id, "paid", charge_id="c")
    elsewhere.replication._away_until.clear()
    assert elsewhere.replication.from_queue({"Records": [message]}, None)["batchItemFailures"] == []
    assert service.item(order_id, COPIES)["state"] == "paid"


def test_of_two_orders_of_one_checkout_the_later_stays(service: Service) -> None:
    body = checkout("US")
    order_id = placed(service.load("api"), body)
    elsewhere = Elsewhere(service)
    twin = {**elsewhere.store.read(order_id), "order_id": f"{EUROPE}~{body['id']}", "home": EUROPE}
    earlier = {**twin, "placed_at": "2020-01-01T00:00:00.000+00:00", "replicated_from": EUROPE}
    elsewhere.replication.settle_twin(earlier)
    assert service.item(order_id)["state"] == "placed"
    elsewhere.replication.settle_twin({**earlier, "placed_at": elsewhere.store.now()})
    assert (service.item(order_id)["state"], service.item(order_id)["superseded_by"]) == ("cancelled", twin["order_id"])
    elsewhere.replication.settle_twin({**earlier, "placed_at": elsewhere.store.now()})  # the record came again
    assert service.item(order_id)["version"] == "2"


def test_who_asks_again_hears_of_the_order_that_stays(service: Service) -> None:
    api, body = service.load("api"), checkout("US")
    order_id = placed(api, body)
    twin = {"order_id": f"{EUROPE}~{body['id']}", "home": EUROPE, "replicated_from": EUROPE}
    api.store.orders.put_item(Item={**api.store.read(order_id), **twin})
    api.store.move(order_id, "cancelled", superseded_by=twin["order_id"])
    status, answer = ask(api, PLACE, body=body)
    assert (status, answer["order"]["order_id"]) == (200, twin["order_id"])


def test_a_twin_that_could_not_be_cancelled_is_seen_to_again(service: Service) -> None:
    body = checkout("US")
    order_id = placed(service.load("api"), body)
    elsewhere = Elsewhere(service)
    twin = {"order_id": f"{EUROPE}~{body['id']}", "home": EUROPE, "replicated_from": EUROPE}
    later = {**elsewhere.store.read(order_id), **twin, "placed_at": elsewhere.store.now()}
    elsewhere.store.__dict__["_replaced"] = lambda _order, _moved: False
    with pytest.raises(elsewhere.replication.Refused):  # so that the record comes again
        elsewhere.replication.settle_twin(later)


def test_of_two_orders_of_one_moment_one_stays(service: Service) -> None:
    """Each home sees the other's order as a copy; were both to give way, the customer would have paid for nothing."""
    body = checkout("US")
    order_id = placed(service.load("api"), body)
    elsewhere = Elsewhere(service)
    ours = elsewhere.store.read(order_id)
    lesser, greater = ({**ours, "order_id": f"{home}~{body['id']}"} for home in (EUROPE, "us-west-2"))
    elsewhere.replication.settle_twin({**lesser, "home": EUROPE, "replicated_from": EUROPE})
    assert service.item(order_id)["state"] == "placed"
    elsewhere.replication.settle_twin({**greater, "home": "us-west-2", "replicated_from": "us-west-2"})
    assert service.item(order_id)["state"] == "cancelled"


def test_an_order_that_was_heard_of_is_not_placed_again(service: Service) -> None:
    api, body = service.load("api"), checkout("US")
    order_id = placed(api, body)
    order = api.store.read(order_id)
    other = f"{EUROPE}~{uuid.uuid4()}"
    api.store.orders.put_item(Item={**order, "order_id": other, "home": EUROPE, "replicated_from": EUROPE})
    status, answer = ask(api, PLACE, body={**body, "id": other.partition("~")[2]})
    assert (status, answer["order"]["order_id"]) == (200, other)
    assert "This is a copy" in answer["order"]["note"]
