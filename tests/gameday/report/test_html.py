"""The page: complete, self-contained, and untouched by whatever is written in what it tells of."""

import json
from html.parser import HTMLParser

import msgspec

from panregion.gameday.report import to_html
from panregion.gameday.report.timeline import timeline
from panregion.gameday.result import Result
from tests.gameday.report.hostile import PAYLOAD, hostile
from tests.gameday.sample import sample


class Page(HTMLParser):
    """What a browser would make of it: elements, attributes, texts."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.texts: list[str] = []
        self.scripts: list[str] = []
        self._inside = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes += attrs
        self._inside = tag

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        (self.scripts if self._inside == "script" else self.texts).append(data)


def test_it_tells_what_the_result_says() -> None:
    said = " ".join(" ".join(Page(to_html(sample())).texts).split())
    for told in ("MISSED", "lose the primary", "RTO, new-york", "6.2 s", "overwritten-0", "us-east-1 is killed"):
        assert told in said
    assert "panregion gameday run gameday.yaml --seed 1" in said
    assert "new-york was served again after 6.2 s" in said


def test_it_loads_nothing() -> None:
    page = Page(to_html(sample()))
    assert not {"link", "iframe", "img", "object", "embed"} & set(page.elements)
    assert not {name for name, _ in page.attributes} & {"src", "href", "srcset", "action"}
    (policy,) = [value for name, value in page.attributes if value and value.startswith("default-src")]
    assert policy.startswith("default-src 'none'; script-src 'sha256-")


def test_nothing_that_it_tells_of_becomes_part_of_it() -> None:
    plain, spoilt = Page(to_html(sample())), Page(to_html(hostile()))
    assert spoilt.elements == plain.elements
    assert [name for name, _ in spoilt.attributes] == [name for name, _ in plain.attributes]
    assert any(PAYLOAD.replace("\x00", "") in text.replace("\x00", "").replace("\ufffd", "") for text in spoilt.texts)


def test_the_charts_have_the_very_data() -> None:
    for result in (sample(), hostile()):
        data = next(script for script in Page(to_html(result)).scripts if script.startswith("{"))
        assert json.loads(data) == msgspec.to_builtins(timeline(result))


def test_a_game_day_in_which_nothing_happened_has_a_page() -> None:
    bare = msgspec.structs.replace(
        sample(), faults=[], rto=[], rpo=[], writes=[], objectives=[], cities=[], summaries=[], health=[], dns=[],
        region_states=[], lag=[], steady_state=[], in_the_end=[], why_not=[], error_budget=None, converge_s=None,
        notes=[],
    )  # fmt: skip
    assert isinstance(bare, Result)
    page = Page(to_html(bare))
    assert "In 60 s nothing was broken." in " ".join(page.texts)
    assert "Objectives" not in page.texts
