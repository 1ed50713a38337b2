"""A file that is like another, short forms, and what is wrong told with the file and line that says it."""

from pathlib import Path

import pytest

from panregion.gameday.reading import check_for, home, read
from panregion.gameday.source import BadFile
from panregion.world.settings import parse_settings

WORLD = parse_settings({}, Path("panregion.toml"))

COMMON = """name: an ordinary day
folder: ..
users:
  - {city: london, rate_s: 5, journey: "trips.walks:go"}
timeline: {before_s: 60, after_s: 60}
objectives: {availability: 0.5}
short:
  timeline: {before_s: 5}
"""
OWN = """like: common.yaml
name: a bad day
objectives:
  rto_s: 100
short:
  objectives: {rto_s: 20}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "trips").mkdir()
    (tmp_path / "trips" / "walks.py").write_text("async def go(user): ...\n")
    (tmp_path / "days").mkdir()
    (tmp_path / "days" / "common.yaml").write_text(COMMON)
    path = tmp_path / "days" / "bad.yaml"
    path.write_text(OWN)
    return path


def told(path: Path, *, short: bool = False) -> str:
    """What is wrong with a file; empty if nothing is."""
    try:
        game, source = read(path, short=short)
        check_for(game, source, WORLD)
    except BadFile as error:
        return str(error)
    return ""


def test_what_a_file_does_not_say_is_as_in_the_one_that_it_is_like(file: Path) -> None:
    game, source = read(file)
    assert (game.name, game.users[0].city, game.timeline.before_s) == ("a bad day", "london", 60)
    assert (game.objectives.rto_s, game.objectives.availability) == (100, 0.5)
    assert home(game, file) == file.parent.parent
    assert OWN in source.text
    assert COMMON in source.text  # a report shows all of what was held


def test_the_short_form_says_otherwise_what_it_says(file: Path) -> None:
    game, _ = read(file, short=True)
    assert (game.timeline.before_s, game.timeline.after_s) == (5, 60)
    assert (game.objectives.rto_s, game.objectives.availability) == (20, 0.5)


@pytest.mark.parametrize(
    ("where", "of", "instead", "complaint"),
    [
        ("bad", "rto_s: 100", "rto_s: never", "bad.yaml:4: objectives.rto_s: this must be a number"),
        ("bad", "like: common", "like: other", "other.yaml: No such file"),
        ("bad", "like: common.yaml", "like: [1]", "bad.yaml:1: like: this must be a file's name"),
        ("bad", "like: common", "like: bad", "bad.yaml:1: like: files that are like each other have no end"),
        ("common", "rate_s: 5", "rate_s: 0", "common.yaml:4: users[0].rate_s: this must be a number > 0"),
        ("common", "city: london", "city: atlantis", "common.yaml:4: users[0]: atlantis is no city"),
        ("common", "walks:go", "walks:fly", "common.yaml:4: users[0].journey: trips.walks:fly: "),
        ("common", "folder: ..", "folder: .", "there is no "),
    ],
)
def test_what_is_wrong_is_told_where_it_is_said(file: Path, where: str, of: str, instead: str, complaint: str) -> None:
    changed = file.parent / f"{where}.yaml"
    changed.write_text(changed.read_text().replace(of, instead, 1))
    assert complaint in told(file)


def test_what_is_wrong_with_a_short_form_is_told_where_it_is_said(file: Path) -> None:
    file.write_text(OWN.replace("rto_s: 20", "rto_s: {paris: 20}"))
    assert told(file) == ""
    assert told(file, short=True) == "bad.yaml:6: objectives.rto_s.paris: no users are in paris"
    common = file.parent / "common.yaml"
    file.write_text(OWN)
    common.write_text(COMMON.replace("{before_s: 5}", "{before_s: 0}"))
    assert told(file, short=True) == "common.yaml:8: timeline.before_s: this must be a number > 0"
    common.write_text(COMMON[: COMMON.index("short")])
    file.write_text(OWN[: OWN.index("short")])
    assert told(file, short=True) == "bad.yaml has no short form: a part `short` with what is otherwise in it"
