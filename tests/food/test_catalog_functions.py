"""The functions of the catalog, one by one, against a region in this process."""

import json
from collections.abc import Callable, Iterator
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from tests.food.functions import ask, function
from tests.support import ServedRegion

Load = Callable[..., ModuleType]
TABLE = "food-functions-restaurants"
CORRELATION = "01234567-89ab-4def-8123-456789abcdef"
CAFE = {"name": "Café", "city": "Boston", "cuisine": "French", "jurisdiction": "US", "rating": 4.5}
SOUP = {"name": "Soup", "description": "Hot.", "price_cents": 700, "currency": "USD"}
RESTAURANT, MENU = "/restaurants/{id}", "/restaurants/{id}/menus/{menu}"
DISH = f"{MENU}/dishes/{{dish}}"


@pytest.fixture
def table(served: ServedRegion) -> Iterator[Any]:
    client = served.client("dynamodb")
    client.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("id", "city")],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-city",
                "KeySchema": [
                    {"AttributeName": "city", "KeyType": "HASH"},
                    {"AttributeName": "id", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )
    client.get_waiter("table_exists").wait(TableName=TABLE, WaiterConfig={"Delay": 0.05})
    yield client
    client.delete_table(TableName=TABLE)
    client.get_waiter("table_not_exists").wait(TableName=TABLE, WaiterConfig={"Delay": 0.05})


@pytest.fixture
def load(served: ServedRegion, monkeypatch: pytest.MonkeyPatch) -> Load:
    """load("admin"), load("admin", AWS_REGION="eu-west-1")"""

    def loaded(name: str, **environment: str) -> ModuleType:
        known = {"TABLE_NAME": TABLE, "MASTER_REGION": "us-east-1", "SERVICE": "catalog"}
        return function(monkeypatch, "catalog", name, **{**known, "AWS_ENDPOINT_URL": served.endpoint, **environment})

    return loaded


def test_a_restaurant_is_built_up_and_taken_down(table: Any, load: Load) -> None:
    admin, browse = load("admin"), load("browse")
    status, cafe = ask(admin, f"PUT {RESTAURANT}", body=CAFE, id="cafe")
    assert (status, cafe) == (200, {"id": "cafe", **CAFE, "version": cafe["version"], "menus": []})
    ask(admin, f"PUT {MENU}", body={"name": "Evening", "position": 2}, id="cafe", menu="evening")
    ask(admin, f"PUT {MENU}", body={"name": "Noon", "position": 1}, id="cafe", menu="noon")
    ask(admin, f"PUT {DISH}", body=SOUP, id="cafe", menu="noon", dish="soup")
    ask(admin, f"PUT {MENU}", body={"name": "Midday", "position": 1}, id="cafe", menu="noon")
    status, changed = ask(admin, f"PUT {RESTAURANT}", body={**CAFE, "rating": 5}, id="cafe")
    assert [menu["name"] for menu in changed["menus"]] == ["Midday", "Evening"]
    assert changed["menus"][0]["dishes"] == [{"id": "soup", **SOUP}]
    assert (changed["rating"], changed["version"]) == (5, cafe["version"] + 5)
    assert ask(browse, f"GET {RESTAURANT}", id="cafe") == (200, changed)
    ask(admin, f"DELETE {DISH}", id="cafe", menu="noon", dish="soup")
    status, changed = ask(admin, f"DELETE {MENU}", id="cafe", menu="evening")
    assert changed["menus"] == [{"id": "noon", "name": "Midday", "dishes": []}]
    assert ask(admin, f"DELETE {RESTAURANT}", id="cafe") == (200, {"id": "cafe", "removed": True})
    assert ask(browse, f"GET {RESTAURANT}", id="cafe")[0] == 404


@pytest.mark.parametrize(
    ("method", "route", "body", "ids", "status", "code"),
    [
        ("PUT", RESTAURANT, "{", {"id": "a"}, 400, "BadRequest"),
        ("PUT", RESTAURANT, {**CAFE, "name": " "}, {"id": "a"}, 400, "BadRequest"),
        ("PUT", RESTAURANT, {**CAFE, "rating": 6}, {"id": "a"}, 400, "BadRequest"),
        ("PUT", RESTAURANT, {**CAFE, "rating": True}, {"id": "a"}, 400, "BadRequest"),
        ("PUT", RESTAURANT, {**CAFE, "jurisdiction": ["EU"]}, {"id": "a"}, 400, "BadRequest"),
        ("PUT", RESTAURANT, CAFE, {"id": "No such id"}, 400, "BadRequest"),
        ("PUT", DISH, {**SOUP, "price_cents": 0.5}, {"id": "a", "menu": "b", "dish": "c"}, 400, "BadRequest"),
        ("PUT", MENU, {"name": "All"}, {"id": "nowhere", "menu": "all"}, 404, "NotFound"),
        ("DELETE", MENU, None, {"id": "nowhere", "menu": "all"}, 404, "NotFound"),
    ],
)
def test_what_is_wrong_is_said(
    table: Any, load: Load, method: str, route: str, body: Any, ids: dict[str, str], status: int, code: str
) -> None:
    answer, said = ask(load("admin"), f"{method} {route}", body=body, **ids)
    assert (answer, said["error"]) == (status, code)
    assert said["message"].endswith(".")


def test_a_dish_needs_its_menu(table: Any, load: Load) -> None:
    admin = load("admin")
    ask(admin, f"PUT {RESTAURANT}", body=CAFE, id="cafe")
    status, said = ask(admin, f"PUT {DISH}", body=SOUP, id="cafe", menu="noon", dish="soup")
    assert (status, said["message"]) == (404, "Restaurant cafe has no menu noon.")


def test_the_id_of_a_request_that_removes_goes_with_the_removal(served: ServedRegion, table: Any, load: Load) -> None:
    admin, spread = load("admin"), load("spread", QUEUE_URLS="")
    with admin.log.correlated("11111111-89ab-4def-8123-456789abcdef"):
        admin.change("cafe", lambda _before: {"id": "cafe", **CAFE, "rating": 4, "menus": {}})
    assert ask(admin, f"DELETE {RESTAURANT}", id="cafe")[0] == 200
    assert ask(admin, f"DELETE {RESTAURANT}", id="cafe")[0] == 200
    changes = [spread.change(record) for record in streamed(served, table)]
    assert [change["item"] is None for change in changes] == [False, False, True]
    assert (changes[-1]["correlation_id"], len({change["version"] for change in changes})) == (CORRELATION, 1)


def streamed(served: ServedRegion, table: Any) -> list[dict[str, Any]]:
    """What the table's stream has."""
    client, stream = served.client("dynamodbstreams"), table.describe_table(TableName=TABLE)["Table"]["LatestStreamArn"]
    found: list[dict[str, Any]] = []
    for shard in client.describe_stream(StreamArn=stream)["StreamDescription"]["Shards"]:
        of = {"StreamArn": stream, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
        found += client.get_records(ShardIterator=client.get_shard_iterator(**of)["ShardIterator"])["Records"]
    return found


def test_a_dish_is_in_one_menu(table: Any, load: Load) -> None:
    """An order names a dish without its menu: of two with one id, a customer would see one price and pay the other."""
    admin = load("admin")
    ask(admin, f"PUT {RESTAURANT}", body=CAFE, id="cafe")
    for menu in ("noon", "evening"):
        ask(admin, f"PUT {MENU}", body={"name": menu}, id="cafe", menu=menu)
    assert ask(admin, f"PUT {DISH}", body=SOUP, id="cafe", menu="noon", dish="soup")[0] == 200
    status, said = ask(admin, f"PUT {DISH}", body=SOUP, id="cafe", menu="evening", dish="soup")
    assert (status, said["message"]) == (409, "Menu noon of restaurant cafe has a dish soup already.")
    assert ask(admin, f"PUT {DISH}", body={**SOUP, "price_cents": 800}, id="cafe", menu="noon", dish="soup")[0] == 200


def test_other_regions_say_who_is_master(load: Load) -> None:
    status, said = ask(load("admin", AWS_REGION="eu-west-1"), f"DELETE {RESTAURANT}", id="cafe")
    assert (status, said["error"], said["master"]) == (503, "NotMaster", "us-east-1")
    assert said["message"].startswith("Updates are not possible now: the catalog is changed in us-east-1 alone")


def test_somebody_else_was_quicker(table: Any, load: Load) -> None:
    """The edit is made again upon what the other one has left."""
    admin = load("admin")
    ask(admin, f"PUT {RESTAURANT}", body=CAFE, id="cafe")
    written, others = admin.written, [{"name": "Noon"}, {"name": "Evening"}]

    def late(item: dict[str, Any], after: int) -> Any:
        if others:
            patched, admin.__dict__["written"] = admin.written, written
            ask(admin, f"PUT {MENU}", body=others.pop(), id="cafe", menu=f"other-{len(others)}")
            admin.__dict__["written"] = patched
        return written(item, after)

    admin.__dict__["written"] = late
    _, cafe = ask(admin, f"PUT {MENU}", body={"name": "Mine"}, id="cafe", menu="mine")
    assert {menu["id"] for menu in cafe["menus"]} == {"mine", "other-0", "other-1"}


def test_lists_go_on_where_they_ended(table: Any, load: Load) -> None:
    admin, browse = load("admin"), load("browse")
    for number in range(7):
        about = {**CAFE, "city": "Boston" if number % 2 else "Paris", "cuisine": "French" if number < 5 else "Thai"}
        ask(admin, f"PUT {RESTAURANT}", body=about, id=f"cafe-{number}")
    browse.__dict__["PAGE"] = 2

    def all_of(**query: str) -> list[str]:
        found: list[str] = []
        while True:
            status, page = ask(browse, "GET /restaurants", query=query)
            assert (status, len(page["restaurants"]) <= 2) == (200, True)
            found += [restaurant["id"] for restaurant in page["restaurants"]]
            if "next" not in page:
                return found
            query["after"] = page["next"]

    assert sorted(all_of()) == [f"cafe-{number}" for number in range(7)]
    assert all_of(city="Paris") == ["cafe-0", "cafe-2", "cafe-4", "cafe-6"]
    assert all_of(city="Paris", cuisine="French") == ["cafe-0", "cafe-2", "cafe-4"]
    assert all_of(city="Paris", cuisine="Thai") == ["cafe-6"]
    assert all_of(city="Atlantis") == []
    assert ask(browse, "GET /restaurants")[1]["restaurants"][0].keys() == {"id", "version", *CAFE}
    assert ask(browse, "GET /restaurants", query={"city": "Paris", "after": "Boston/cafe-1"})[0] == 400


def test_health_is_of_a_moment_ago(table: Any, load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    health = load("health")
    assert ask(health, "GET /health") == (200, {"status": "healthy", "region": "us-east-1"})
    monkeypatch.setattr(health, "table", SimpleNamespace(name="gone"))
    assert ask(health, "GET /health")[0] == 200
    health.remembered["until"] -= health.REMEMBERED_S
    status, said = ask(health, "GET /health")
    assert (status, said["reason"]) == (503, "The table cannot be read.")


def test_only_the_token_lets_in(served: ServedRegion, load: Load) -> None:
    served.client("ssm").put_parameter(Name="/food-token", Value="s3cret", Type="String", Overwrite=True)
    authorizer = load("authorizer", TOKEN_PARAMETER="/food-token")

    def allowed(**headers: str) -> bool:
        return bool(authorizer.handler({"headers": headers}, None)["isAuthorized"])

    assert allowed(authorization="Bearer s3cret")
    assert allowed(authorization="bearer s3cret")
    assert not any([allowed(), allowed(authorization="Bearer other"), allowed(authorization="Basic s3cret")])
    assert not allowed(authorization="Bearer sécret")
    served.client("ssm").put_parameter(Name="/food-token", Value="replaced", Type="String", Overwrite=True)
    authorizer.known["until"] -= authorizer.BELIEVED_S
    assert (allowed(authorization="Bearer s3cret"), allowed(authorization="Bearer replaced")) == (False, True)


def record(number: int, new: dict[str, Any] | None, old: dict[str, Any] | None = None) -> dict[str, Any]:
    """A change in the stream, of an item in DynamoDB's JSON."""
    images = {name: image for name, image in (("NewImage", new), ("OldImage", old)) if image}
    key = {"id": (new or old or {})["id"]}
    return {"eventID": f"event-{number}", "dynamodb": {"Keys": key, "SequenceNumber": str(number), **images}}


def item(id: str, version: int) -> dict[str, Any]:
    return {
        "id": {"S": id},
        "version": {"N": str(version)},
        "changed_ms": {"N": "1700000000000"},
        "correlation_id": {"S": CORRELATION},
    }


def test_changes_are_spread_over_the_queues_in_order(served: ServedRegion, load: Load) -> None:
    sqs = served.client("sqs")
    fifo = {"FifoQueue": "true"}
    urls = [sqs.create_queue(QueueName=f"food-spread-{n}.fifo", Attributes=fifo)["QueueUrl"] for n in (1, 2)]
    spread = load("spread", QUEUE_URLS=" ".join(urls))
    event = {"Records": [*(record(n, item("cafe", n)) for n in range(1, 12)), record(12, None, item("cafe", 11))]}
    assert spread.handler(event, None) == {"batchItemFailures": []}
    assert spread.handler(event, None) == {"batchItemFailures": []}  # what comes again is dropped
    for url in urls:
        changes: list[dict[str, Any]] = []
        while got := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            changes += [json.loads(message["Body"]) for message in got]
            for message in got:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        assert [(int(change["version"]), change["item"] is None) for change in changes] == [
            *((number, False) for number in range(1, 12)),
            (11, True),
        ]
    event["Records"][3]["dynamodb"]["Keys"]["id"]["S"] = "not a message group"  # which has no spaces
    assert spread.handler(event, None) == {"batchItemFailures": [{"itemIdentifier": "4"}]}


def test_what_a_queue_refuses_is_not_overtaken(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """Of one call SQS may refuse an entry and take a later one: a removal before what was removed would be undone."""
    spread = load("spread", QUEUE_URLS="https://queue")
    taken: list[str] = []
    refused = {"event-2"}

    class Sqs:
        def send_message_batch(self, **asked: Any) -> dict[str, Any]:
            failed = [entry for entry in asked["Entries"] if entry["MessageDeduplicationId"] in refused]
            taken.extend(entry["MessageDeduplicationId"] for entry in asked["Entries"] if entry not in failed)
            return {"Failed": [{"Id": entry["Id"], "Code": "InternalError"} for entry in failed]}

    spread.__dict__["sqs"] = Sqs()
    records = [record(1, item("bar", 1)), record(2, item("cafe", 2)), record(3, None, item("cafe", 2))]
    assert spread.handler({"Records": records}, None) == {"batchItemFailures": [{"itemIdentifier": "2"}]}
    assert taken == ["event-1"]
    logged = json.loads(capsys.readouterr().out)
    assert (logged["message"], logged["restaurant"], logged["correlation_id"]) == ("not spread", "cafe", CORRELATION)
    refused.clear()
    assert spread.handler({"Records": records[1:]}, None) == {"batchItemFailures": []}
    assert taken == ["event-1", "event-2", "event-3"]


def message(number: int, change: dict[str, Any]) -> dict[str, Any]:
    return {"messageId": f"message-{number}", "body": json.dumps({"correlation_id": CORRELATION, **change})}


def put(number: int, id: str, version: int) -> dict[str, Any]:
    return message(number, {"id": id, "item": item(id, version), "version": str(version)})


def removed(number: int, id: str, version: int) -> dict[str, Any]:
    return message(number, {"id": id, "item": None, "version": str(version)})


def copying(load: Load, *in_master: str) -> ModuleType:
    """The function that copies, into the table of this region; of the master's, all that is asked is what it has."""
    copy_to = load("copy_to", TARGET_REGION="us-east-1")

    def get_item(*, Key: Any, **_asked: Any) -> Any:  # noqa: N803 - as boto3 has it
        return {"Item": {}} if Key["id"]["S"] in in_master else {}

    copy_to.__dict__["master"] = SimpleNamespace(get_item=get_item)
    return copy_to


def version_of(table: Any, id: str) -> str | None:
    item = table.get_item(TableName=TABLE, Key={"id": {"S": id}}).get("Item", {})
    version: str | None = item.get("version", {}).get("N")
    return version


def test_a_restaurant_that_was_removed_is_not_brought_back(table: Any, load: Load) -> None:
    """A change that comes late, out of the dead-letter queue, when no trace of the restaurant is left in the copy."""
    here, gone = copying(load, "a"), copying(load)
    for copy_to, messages in ((here, [put(1, "a", 10)]), (gone, [removed(2, "a", 12)]), (gone, [put(3, "a", 11)])):
        assert copy_to.handler({"Records": messages}, None) == {"batchItemFailures": []}
    assert version_of(table, "a") is None


def test_copies_never_go_back(table: Any, load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    copy_to = copying(load, "a", "b")

    def version(id: str) -> str | None:
        return version_of(table, id)

    def copied(*messages: dict[str, Any]) -> None:
        assert copy_to.handler({"Records": list(messages)}, None) == {"batchItemFailures": []}

    copied(put(1, "a", 10), put(2, "a", 12), put(3, "a", 11), put(4, "b", 20), removed(5, "b", 20))
    assert (version("a"), version("b")) == ("12", None)
    copied(removed(6, "a", 11))
    assert version("a") == "12"
    copied(removed(7, "a", 12), removed(8, "a", 12))
    assert version("a") is None
    logged = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {entry["correlation_id"] for entry in logged if "message" in entry} == {CORRELATION}
    assert [entry["To"] for entry in logged if "ReplicationLag" in entry] == ["us-east-1"] * 3


def test_what_cannot_be_copied_stays_with_all_that_follows(table: Any, load: Load) -> None:
    copy_to = copying(load, "a", "b")
    broken = message(2, {"id": "b", "item": {"id": {"N": "1"}}, "version": "1"})
    failures = copy_to.handler({"Records": [put(1, "a", 1), broken, put(3, "a", 2)]}, None)["batchItemFailures"]
    assert [failure["itemIdentifier"] for failure in failures] == ["message-2", "message-3"]
