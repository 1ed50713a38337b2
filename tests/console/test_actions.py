"""Actions: asked about first, done by the control API, shown with the command that does the same, and noted."""

from typing import Any

import msgspec
import pytest

from panregion.console.actions import ACTIONS
from panregion.world import Response
from tests.console.lab import Lab

FIELDS = {
    "region": "us-east-1",
    "site": "london",
    "other": "eu-west-1",
    "delay_ms": "200",
    "id": "f-1",
    "check": "c-1",
}


def text_of(answer: Response) -> str:
    assert isinstance(answer.body, bytes)
    return answer.body.decode()


@pytest.mark.parametrize("name", [name for name, action in ACTIONS.items() if action.question])
async def test_what_takes_something_away_is_asked_about(lab: Lab, name: str) -> None:
    given = {**dict.fromkeys(ACTIONS[name].fields, "something"), **FIELDS}
    answer = await lab.post(f"/actions/{name}", given)
    assert (answer.status, lab.world.asked) == (200, [])
    assert ACTIONS[name].command(given) in text_of(answer)
    assert 'name="confirmed" value="yes"' in text_of(answer)


@pytest.mark.parametrize(
    ("name", "asked", "body"),
    [
        ("kill", "POST /regions/us-east-1/kill", None),
        ("freeze", "POST /regions/us-east-1/freeze", None),
        ("thaw", "POST /regions/us-east-1/thaw", None),
        ("restore", "POST /regions/us-east-1/restore", None),
        ("cut", "POST /links", {"from": "london", "to": "eu-west-1", "both": True, "cut": "silent"}),
        ("slow", "POST /links", {"from": "london", "to": "eu-west-1", "both": True, "delay_ms_extra": 200.0}),
        ("heal", "POST /links", {"from": "london", "to": "eu-west-1", "both": True}),
    ],
)
async def test_it_is_done_and_noted(lab: Lab, name: str, asked: str, body: Any) -> None:
    lab.world.answers[asked] = {"done": True}
    answer = await lab.post(f"/actions/{name}", {**FIELDS, "confirmed": "yes"}, accept="application/json")
    told = msgspec.json.decode(text_of(answer))
    assert (answer.status, lab.world.asked) == (200, [(asked, body)])
    assert told["command"] == ACTIONS[name].command(FIELDS)
    assert lab.site.history.take_notes() == [{"text": told["done"], "command": told["command"]}]


@pytest.mark.parametrize("delay", ["", "soon", "-1", "0", "nan", "inf", "1e9"])
async def test_a_delay_that_is_none_is_told(lab: Lab, delay: str) -> None:
    answer = await lab.post("/actions/slow", {**FIELDS, "delay_ms": delay}, accept="application/json")
    assert (answer.status, lab.world.asked) == (400, [])
    assert "delay" in msgspec.json.decode(text_of(answer))["message"]


async def test_what_control_refuses_is_told(lab: Lab) -> None:
    answer = await lab.post("/actions/restore", {"region": "atlantis-1"})
    assert answer.status == 400
    assert "nobody scripted POST /regions/atlantis-1/restore" in text_of(answer)
    assert lab.site.history.take_notes() == []


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example", "/\\evil.example", "/actions/kill", ""])
async def test_one_comes_back_to_a_page_of_ours(lab: Lab, back: str) -> None:
    lab.world.answers["POST /regions/us-east-1/restore"] = {}
    answer = await lab.post("/actions/restore", {"region": "us-east-1", "back": back})
    assert dict(answer.headers)["Location"] == "/"


async def test_names_are_shown_as_text(lab: Lab) -> None:
    answer = await lab.post("/actions/kill", {"region": "<script>alert(1)</script>"})
    assert "<script>alert" not in text_of(answer)
    assert "&lt;script&gt;alert(1)" in text_of(answer)


async def test_there_is_no_other_action(lab: Lab) -> None:
    assert (await lab.post("/actions/explode", {})).status == 404
