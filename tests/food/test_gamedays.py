"""The game days of examples/food-for-thought: their files, what customers do in them, what is verified at the end.

Holding them takes minutes. One is held each time, in its short form and twice as quick, for what it promises about
data: by the commit, or the one that PANREGION_TEST_GAMEDAY names. PANREGION_TEST_FOOD=1 holds the short form of each
for all that it promises, in one world.
"""

import asyncio
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import jsonschema
import msgspec
import pytest
import yaml

from panregion.control.faults.where import where_in
from panregion.gameday import result, schema
from panregion.gameday.file import Availability, GameDay, Rpo
from panregion.gameday.ledger import Acknowledged, Attempted, Ledger
from panregion.gameday.reading import check_for, read
from panregion.gameday.stage import settings_with
from panregion.gameday.timetable import timetable
from panregion.testing.blocks import claimed
from panregion.world.settings import read_settings
from tests.food.functions import SOURCES
from tests.food.test_load import module
from tests.food.whole import WHOLE

EXAMPLE = SOURCES.parent
FOLDER = EXAMPLE / "gamedays"
WORLD = read_settings(EXAMPLE / "panregion.toml")
DAYS = sorted(path.stem for path in FOLDER.glob("*.yaml") if path.stem != "common")
TTL_S = 60
"""Of an alias record that leads to an API: Route 53's own."""


def test_there_are_the_days_that_were_promised() -> None:
    assert set(DAYS) == {
        *("america-lost", "europe-cut-off", "bank-slow-then-failing", "master-lost", "replication-paused"),
        *("rolling-redeploy", "an-hour"),
    }
    validator = jsonschema.Draft202012Validator(schema.gameday_schema())
    for file in FOLDER.glob("*.yaml"):
        value = yaml.safe_load(file.read_text())
        validator.validate({"name": "given by the file that it is like", **value})


def implied_s() -> float:
    """The fail-over window by the templates: failures in a row, one more interval that was just missed, and the TTL."""
    text = "".join((EXAMPLE / template).read_text() for template in ("orders.yaml", "catalog.yaml"))
    (interval_s,) = {int(found) for found in re.findall(r"RequestInterval: (\d+)", text)}
    (failures,) = {int(found) for found in re.findall(r"FailureThreshold: (\d+)", text)}
    return interval_s * (failures + 1) + TTL_S


@pytest.mark.parametrize("short", [False, True])
@pytest.mark.parametrize("day", DAYS)
def test_a_day_can_be_held_and_promises_what_the_company_does(day: str, short: bool) -> None:
    game, source = read(FOLDER / f"{day}.yaml", short=short)
    settings = settings_with(WORLD, game.world)
    check_for(game, source, settings)
    steps = timetable(game.faults, where_in(settings), game.seed, game.timeline.faults_s)
    assert steps or game.actions
    assert game.verify == "load.verify:payments"
    assert game.objectives.rpo["checkout"] == Rpo(lost=0, duplicated=0)
    assert all(rpo.lost == 0 for rpo in game.objectives.rpo.values())
    probes = [probe for probe in game.steady_state if isinstance(probe, Availability)]
    (browsing,) = [probe for probe in probes if probe.hosts == ("catalog.food.test",)]
    (all_together,) = [probe for probe in probes if not probe.hosts]
    assert (browsing.at_least, browsing.failover_s, browsing.during) == (0.999, 0, True)
    assert all_together.at_least >= 0.99
    assert all_together.during
    window_s = implied_s() * settings.time.health_check_scale
    assert all_together.failover_s in (0, window_s)
    rto_s = game.objectives.rto_s
    assert rto_s is None or isinstance(rto_s, dict)
    assert set((rto_s or {}).values()) <= {window_s}
    assert any(step.fault.kind == "region-kill" for step in steps) == bool(rto_s)
    if short:
        assert lasts_s(game) < 300 or day == "an-hour"


def lasts_s(game: GameDay) -> float:
    """How long a game day takes at least, by its file."""
    steps = timetable(game.faults, where_in(WORLD), game.seed, game.timeline.faults_s)
    line = game.timeline
    acting_s = sum(action.for_s or 0 for action in game.actions)
    faults_s = max([acting_s, *(step.at_s for step in steps)])
    return line.warm_up_s + line.before_s + faults_s + line.recover_s + line.after_s


# What is verified.


class Region:
    """The states of orders, as its table has them; BatchGetItem gives one at a time."""

    def __init__(self, states: dict[str, str]) -> None:
        self.states = states

    async def call(self, service: str, operation: str, **params: Any) -> Any:
        assert (service, operation) == ("dynamodb", "batch_get_item")
        ((table, asked),) = params["RequestItems"].items()
        first, *left = asked["Keys"]
        order_id = first["order_id"]["S"]
        items = (
            [{"order_id": {"S": order_id}, "state": {"S": self.states[order_id]}}] if order_id in self.states else []
        )
        return {"Responses": {table: items}, "UnprocessedKeys": {table: {**asked, "Keys": left}} if left else {}}


class Bank:
    """How often each checkout was charged."""

    def __init__(self, charges: dict[str, int]) -> None:
        self.charges = charges

    async def ask(self, city: str, method: str, url: str) -> Any:
        assert (city, method) == ("zurich", "GET")
        reference = url.removeprefix("https://payments.bank.test/charges?reference=")
        return Said(200, {"charges": [{}] * self.charges.get(reference, 0)})


class Said:
    def __init__(self, status: int, body: Any) -> None:
        self.status, self.body, self.ok = status, body, status < 300
        self.text = msgspec.json.encode(body).decode()

    def json(self) -> Any:
        return self.body

    def header(self, name: str, default: str = "") -> str:
        return default


@pytest.fixture
def verify(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    found = module("load/verify")
    monkeypatch.setattr(found, "DECIDED_S", 0.0)
    monkeypatch.setattr(found, "AGAIN_S", 0.0)
    return found


def told_of(*checkouts: str) -> Ledger:
    """The ledger of customers who had their answers, and of one, "silent", who had none."""
    ledger = Ledger()
    for checkout in checkouts:
        for kind, key in (("checkout", checkout), ("order", f"us-east-1~{checkout}")):
            ledger.add(Acknowledged(kind, key, {}, "boston", 1.0, 2.0))
    ledger.add(Attempted("checkout", "silent", {}, "boston", 3.0))
    return ledger


@pytest.mark.parametrize(
    ("states", "charges", "findings"),
    [
        ({"a": "paid", "b": "cancelled"}, {"a": 1, "silent": 1}, []),
        ({"a": "delivered", "b": "preparing"}, {"a": 1, "b": 1}, []),
        ({"a": "paid", "b": "paid"}, {"a": 2, "b": 1}, [("duplicated", "a", "charged 2 times")]),
        ({"a": "paid", "b": "paid"}, {"a": 1, "b": 1, "silent": 2}, [("duplicated", "silent", "charged 2 times")]),
        ({"a": "placed", "b": "paid"}, {"b": 1}, [("lost", "us-east-1~a", "unpaid")]),
        ({"a": "paid", "b": "paid"}, {"a": 1}, [("lost", "b", "paid, and the bank knows nothing of it")]),
        ({"a": "paid"}, {"a": 1}, []),  # that b is nowhere is found by the engine
    ],
)
async def test_what_is_wrong_with_payments_is_found(
    verify: ModuleType, states: dict[str, str], charges: dict[str, int], findings: list[tuple[str, str, str]]
) -> None:
    region = Region({f"us-east-1~{checkout}": state for checkout, state in states.items()})
    found = await verify.payments(told_of("a", "b"), {"us-east-1": region}, Bank(charges).ask)
    assert [(one.verdict, one.id, one.detail) for one in found] == findings


async def test_payments_are_waited_for_in_every_region(verify: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify, "DECIDED_S", 60.0)
    home, other = Region({"us-east-1~a": "paid"}), Region({"us-east-1~a": "placed"})

    async def arrives() -> None:
        other.states["us-east-1~a"] = "paid"

    arriving = asyncio.create_task(arrives())
    found = await verify.payments(told_of("a"), {"us-east-1": home, "eu-west-1": other}, Bank({"a": 1}).ask)
    await arriving
    assert found == []


# What customers do.


class Customer:
    """Somebody in a city of an application that answers as told: the last answer again and again."""

    def __init__(self, city: str, **answers: list[Any]) -> None:
        self.city = city
        self.answers = answers
        self.asked: list[tuple[str, str, Any]] = []
        self.told: list[Any] = []
        self.chance = self

    def uuid(self) -> str:
        return "u-u-i-d"

    def token(self, length: int) -> str:
        return "t" * length

    def randrange(self, below: int) -> int:
        return 0

    def choice(self, several: list[Any]) -> Any:
        return several[0]

    async def request(self, method: str, url: str, json: Any = None, headers: Any = None) -> Any:
        self.asked.append((method, url, json))
        answers = self.answers[url.split("/")[2].split(".")[-3]]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, OSError):
            raise answer
        return answer

    async def get(self, url: str, **options: Any) -> Any:
        return await self.request("GET", url, **options)

    async def put(self, url: str, **options: Any) -> Any:
        return await self.request("PUT", url, **options)

    def __getattr__(self, name: str) -> Any:
        """Whatever else is told to a user."""
        return lambda *what: self.told.append((name, *what))


MENU = {"restaurants": [{"id": "r"}], "id": "r", "menus": [{"dishes": [{"id": "soup"}]}]}
ABOUT = {**MENU, "name": "R", "city": "Boston", "cuisine": "Soup", "jurisdiction": "US"}
TAKEN = Said(201, {"order": {"order_id": "eu-west-1~u-u-i-d"}})


@pytest.fixture
def journeys() -> ModuleType:
    return module("load/journeys")


async def test_who_has_no_answer_sends_the_same_checkout_elsewhere(journeys: ModuleType) -> None:
    answers = [OSError("no answer"), Said(503, {"error": "CatalogAway"}), OSError("no answer"), TAKEN]
    customer = Customer("boston", catalog=[Said(200, MENU)], api=answers)
    await journeys.order(customer)
    sent = [(url, body) for method, url, body in customer.asked if method == "POST"]
    assert [url.split("/")[2] for url, _ in sent] == [
        *("api.food.test", "api.food.test", "us-east-1.api.food.test", "eu-west-1.api.food.test"),
    ]
    assert len({msgspec.json.encode(body) for _, body in sent}) == 1
    acknowledged = [what[1:3] for what in customer.told if what[0] == "acknowledged"]
    assert acknowledged == [("checkout", "u-u-i-d"), ("order", "eu-west-1~u-u-i-d")]
    assert [what[:3] for what in customer.told if what[0] == "saw"] == [("saw", "order", "eu-west-1~u-u-i-d")]


async def test_a_european_is_never_sent_to_america(journeys: ModuleType) -> None:
    customer = Customer("berlin", catalog=[Said(200, MENU)], api=[OSError("no answer")])
    await journeys.order(customer)
    asked = [url.split("/")[2] for method, url, _ in customer.asked if method == "POST"]
    assert asked == ["api.food.test", "api.food.test", "eu-west-1.api.food.test", "eu-central-1.api.food.test"]
    assert [what[1] for what in customer.told if what[0] == "writing"] == ["checkout"]
    assert not [what for what in customer.told if what[0] == "acknowledged"]


async def test_who_is_sent_home_goes_where_they_are_told(journeys: ModuleType) -> None:
    sent_home = Said(409, {"error": "WrongJurisdiction", "url": "https://eu-west-1.api.food.test/orders"})
    customer = Customer("berlin", catalog=[Said(200, MENU)], api=[sent_home, TAKEN])
    await journeys.order(customer)
    posted = [url for method, url, _ in customer.asked if method == "POST"]
    assert posted == ["https://api.food.test/orders", "https://eu-west-1.api.food.test/orders"]
    assert "acknowledged" in {what[0] for what in customer.told}


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (Said(200, {}), ("acknowledged", "change", "r", {"id": "r", "rating": "3"})),
        (Said(503, {"error": "NotMaster"}), ("expected",)),
        (Said(503, {"error": "InternalError"}), ("failed", "the change was answered with 503")),
    ],
)
async def test_a_change_is_taken_or_refused_with_a_reason(journeys: ModuleType, answer: Said, told: Any) -> None:
    customer = Customer("boston", catalog=[Said(200, ABOUT)], admin=[answer])
    await journeys.administer(customer)
    assert told in customer.told


# The days themselves.


PANREGION = Path(sys.executable).with_name("panregion")
IN_TURN = [day for day in DAYS if day != "an-hour"]


def what_counts(day: str) -> str:
    """A file that is like a day's short form, and cheap. Of a machine that is busy with other tests no promise of quick
    answers is asked: those about data hold on any. Who only looks stays away, the others come half as often."""
    game, _ = read(FOLDER / f"{day}.yaml", short=True)
    users = [
        {"city": one.city, "journey": one.journey, "rate_s": one.rate_s / 2, "patience_s": 15}
        for one in game.users
        if one.journey != "load.journeys:browse"
    ]
    promised = {"rto_s": None, "availability": None, "converge_s": 120}
    short = {"users": users, "steady_state": [], "objectives": promised, "world": {"health_check_scale": 0.4}}
    return yaml.safe_dump({"like": f"{day}.yaml", "short": short})


@pytest.fixture(scope="module")
def own_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The example in a folder of its own; the world that the first game day starts there is ended at last."""
    folder = tmp_path_factory.mktemp("food") / "food"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns(".panregion", "*-20*", ".ruff_cache", "__pycache__"))
    with claimed() as ports:
        lines = [f"{name} = {port}\n" for name, port in msgspec.structs.asdict(ports).items()]
        with (folder / "panregion.toml").open("a") as file:
            file.write("\n[ports]\n" + "".join(lines))
        yield folder
        subprocess.run([PANREGION, "down"], cwd=folder, capture_output=True, check=False)


def held(folder: Path, file: str, *options: str) -> result.Result:
    """The result of the short form of a game day."""
    line = [str(PANREGION), "gameday", "run", file, "--short", "--stay", "--json", "--out", f"out/{Path(file).stem}"]
    ended = subprocess.run([*line, *options], cwd=folder, capture_output=True, text=True, check=False)
    assert ended.returncode in (0, 1), ended.stderr
    return result.from_json(ended.stdout.encode())


def this_time() -> str:
    """One of the days, by the commit: all have their turn in CI, and a commit's is always the same."""
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=EXAMPLE, capture_output=True, text=True, check=False).stdout
    return IN_TURN[int(head.strip() or "0", 16) % len(IN_TURN)]


@pytest.mark.timeout(400)
def test_nothing_is_lost_and_nobody_charged_twice(own_world: Path) -> None:
    day = os.environ.get("PANREGION_TEST_GAMEDAY") or this_time()
    (own_world / "gamedays" / "in-turn.yaml").write_text(what_counts(day))
    found = held(own_world, "gamedays/in-turn.yaml", "--time-scale", "0.5")
    assert found.held, (day, found.why_not)
    assert found.faults
    assert sum(store.acknowledged for store in found.rpo) > 0, day
    assert [store.lost for store in found.rpo] == [0] * len(found.rpo), day


@WHOLE
@pytest.mark.timeout(900)
@pytest.mark.parametrize("day", DAYS)
def test_the_short_form_is_held(own_world: Path, day: str) -> None:
    found = held(own_world, f"gamedays/{day}.yaml")
    assert found.held, found.why_not
