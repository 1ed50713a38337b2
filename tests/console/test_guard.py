"""Who may ask the console: nobody but its own pages acts on a world."""

import pytest

from panregion.console.guard import POLICY
from panregion.world import Request
from tests.console.lab import Lab

KILL = {"region": "us-east-1", "confirmed": "yes"}


@pytest.mark.parametrize("host", ["evil.example", "evil.example:4503", "127.0.0.1:4500", "127.0.0.1", ""])
async def test_a_page_is_given_under_our_own_name_only(lab: Lab, host: str) -> None:
    code, text = await lab.get("/", host=host)
    assert (code, "answers to 127.0.0.1:4503 and localhost:4503 only" in text) == (403, True)


async def test_our_own_page_acts(lab: Lab) -> None:
    lab.world.answers["POST /regions/us-east-1/kill"] = {"region": "us-east-1", "status": "killed"}
    answer = await lab.post("/actions/kill", KILL)
    assert (answer.status, dict(answer.headers)["Location"]) == (303, "/")
    assert lab.world.asked == [("POST /regions/us-east-1/kill", None)]


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:8000"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"content-type": "text/plain"},
        {"host": "evil.example:4503"},
    ],
)
async def test_a_forged_request_does_nothing(lab: Lab, headers: dict[str, str]) -> None:
    answer = await lab.post("/actions/kill", KILL, **headers)
    assert (answer.status, lab.world.asked) == (403, [])


@pytest.mark.parametrize("token", ["", "token-of-another-console", "token-of-this-consol\u00e9"])
async def test_without_the_token_nothing_is_done(lab: Lab, token: str) -> None:
    answer = await lab.post("/actions/kill", {**KILL, "token": token})
    assert (answer.status, lab.world.asked) == (403, [])
    assert isinstance(answer.body, bytes)
    assert b"load it again" in answer.body


@pytest.mark.parametrize("target", ["/", "/nothing/here", "/assets/own/base.css", "/events"])
async def test_every_answer_says_what_a_page_may_load(lab: Lab, target: str) -> None:
    response = await lab.console(_get(target))
    headers = dict(response.headers)
    assert headers["Content-Security-Policy"] == POLICY
    assert (headers["X-Frame-Options"], headers["Cross-Origin-Resource-Policy"]) == ("DENY", "same-origin")


def _get(target: str) -> Request:
    return Request("GET", target, "", [("host", "localhost:4503")])


@pytest.mark.parametrize(
    "name", ["../app.py", "..%2fapp.py", "app.py", "", "nothing.js", ".js", "base.css/", "__init__.py"]
)
async def test_only_assets_are_served(lab: Lab, name: str) -> None:
    assert (await lab.get(f"/assets/own/{name}"))[0] == 404
    assert (await lab.get(f"/assets/vendor/{name}"))[0] == 404


async def test_an_asset_that_has_not_changed_is_not_sent_again(lab: Lab) -> None:
    response = await lab.console(_get("/assets/own/base.css"))
    tag = dict(response.headers)["ETag"]
    assert (await lab.get("/assets/own/base.css", if_none_match=tag))[0] == 304
