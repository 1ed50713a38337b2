"""What is said to people, word by word."""

import io

import msgspec
import pytest
from rich.console import Console

from panregion.gameday.report import summary, words
from tests.gameday.report.hostile import hostile
from tests.gameday.sample import sample


def printed(result: object) -> str:
    console = Console(width=160, record=True, file=io.StringIO())
    console.print(result)
    return console.export_text()


@pytest.mark.parametrize(
    ("value", "text"),
    [(1, "100 %"), (0.99999, "over 99.99 %"), (0.999, "99.9 %"), (0.5, "50 %"), (0.00001, "under 0.01 %"), (0, "0 %")],
)
def test_a_share_is_never_rounded_to_a_whole_that_it_is_not(value: float, text: str) -> None:
    assert words.share(value) == text


@pytest.mark.parametrize(("number", "text"), [(0, "no writes"), (1, "1 write"), (1234, "1,234 writes")])
def test_counts(number: int, text: str) -> None:
    assert words.count(number, "write") == text


def test_the_story_is_told_in_order() -> None:
    told = words.sentences(sample())
    assert told[0].startswith("us-east-1 is killed (15.0 to 35.9 s)")
    assert told[1].startswith("new-york was served again after 6.2 s, and as well as before after 6.4 s.")
    assert told[1].endswith("london and sydney noticed nothing.")
    assert told[-1] == "Every replica had everything 2.4 s after the last fault was over."


def test_of_several_faults_each_outage_tells_its_own() -> None:
    first = sample().faults[0]
    second = msgspec.structs.replace(first, id="f2", text="eu-west-1 is frozen")
    away = msgspec.structs.replace(sample().rto[0], fault="f2", first_success_s=None, steady_s=None)
    several = msgspec.structs.replace(sample(), faults=[first, second], rto=[sample().rto[0], away])
    told = words.sentences(several)[1]
    assert "as well as before after 6.4 s (us-east-1 is killed). " in told
    assert "new-york was not served again (eu-west-1 is frozen)." in told


def test_a_city_that_was_not_served_again_is_said_to_be_so() -> None:
    away = msgspec.structs.replace(sample().rto[0], first_success_s=None, steady_s=None)
    told = words.sentences(msgspec.structs.replace(sample(), rto=[away], converge_s=None))
    assert "new-york was not served again." in told[1]
    assert told[-1] == "Not every replica had everything when the game day ended."


def test_the_terminal_has_the_verdict_the_objectives_and_how_to_repeat_it() -> None:
    said = printed(summary(sample()))
    assert said.startswith("✗ MISSED  lose the primary")
    assert "RTO, new-york" in said
    assert "again: panregion gameday run gameday.yaml --seed 1" in said


def test_a_text_with_markup_stays_text() -> None:
    assert "[bold]" in printed(summary(hostile()))
