"""A service outside every region: functions reach it by name, over the link, and it can be lost like anything else."""

import json
import sys
from typing import Any

import pytest

from panregion.testing import World

pytestmark = [
    pytest.mark.timeout(180),
    pytest.mark.world(
        regions=["us-east-1"],
        stacks=["bank/template.yaml"],
        scale=1.0,
        outside={"payments.bank.test": {"place": "zurich", "command": [sys.executable, "bank/provider.py"]}},
    ),
]


def ask(world: World, url: str) -> dict[str, Any]:
    answer = world.region("us-east-1").client("lambda").invoke(FunctionName="asks", Payload=json.dumps({"url": url}))
    said: dict[str, Any] = json.loads(answer["Payload"].read())
    return said


def test_a_function_reaches_it_over_the_link(world: World) -> None:
    plain = ask(world, "http://payments.bank.test/charges?of=1")
    assert plain["said"] == "ThreadingHTTPServer payments.bank.test /charges?of=1"
    assert plain["took_ms"] > 80  # Virginia to Zurich and back
    assert ask(world, "https://payments.bank.test/")["said"] == "Secure payments.bank.test /"


def test_users_in_cities_reach_it(world: World) -> None:
    assert world.user("london").get("https://payments.bank.test/x").text == "Secure payments.bank.test /x"


def test_other_names_lead_nowhere(world: World) -> None:
    assert ask(world, "http://payments.example.com/")["said"].startswith("502 payments.example.com cannot be resolved")


def test_it_is_lost_and_comes_back(world: World) -> None:
    with world.link("us-east-1", "zurich").cut():
        assert "timed out" in ask(world, "http://payments.bank.test/")["said"]
    with world.fault({"kind": "region-kill", "region": "payments.bank.test"}):
        assert "502" in ask(world, "http://payments.bank.test/")["said"]
    assert ask(world, "http://payments.bank.test/")["said"] == "ThreadingHTTPServer payments.bank.test /"
