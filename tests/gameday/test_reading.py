"""A file that is wrong is told with its line and key; the shipped files and schemas are right."""

from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
import yaml

from panregion.control.faults.where import where_in
from panregion.gameday import library, schema
from panregion.gameday.file import GameDay
from panregion.gameday.reading import check_for, parse, read
from panregion.gameday.source import BadFile
from panregion.gameday.timetable import timetable
from panregion.world.settings import parse_settings

HELLO = Path(__file__).parents[2] / "examples" / "hello-global"
WORLD = parse_settings({}, Path("panregion.toml"))

GOOD = """name: x
users:
  - city: london
    rate_s: 5
    get: http://api.test/
  - city: sydney
    rate_s: 5
    journey: journeys:go
stores:
  thing: {table: things, key: id}
faults:
  - fault: {kind: region-kill, region: $primary}
    at_s: 2
    for_s: 10
objectives:
  rto_s: {london: 5}
  rpo: {thing: {lost: 0}}
verify: journeys:verify
"""

JOURNEYS = "async def go(user): ...\nasync def verify(ledger, regions): ...\ndef plain(user): ...\n"


def said(tmp_path: Path, text: str, *, world: bool = True) -> str:
    """What is said of a file; empty if it is right."""
    path = tmp_path / "gameday.yaml"
    path.write_text(text)
    (tmp_path / "journeys.py").write_text(JOURNEYS)
    try:
        game, source = read(path)
        if world:
            check_for(game, source, WORLD)
    except BadFile as error:
        return str(error)
    return ""


def test_a_good_file_is_good(tmp_path: Path) -> None:
    assert said(tmp_path, GOOD) == ""


@pytest.mark.parametrize(
    ("instead", "of", "complaint"),
    [
        ("rate_s: fast", "rate_s: 5", "gameday.yaml:4: users[0].rate_s: this must be a number, not text"),
        ("rate_s: 0", "rate_s: 5", "gameday.yaml:4: users[0].rate_s: this must be a number > 0"),
        ("patience_s: 5", "rate_s: 5", "gameday.yaml:3: users[0]: rate_s is missing"),
        ("rate: 5", "rate_s: 5", "gameday.yaml:4: users[0]: rate is no key of this"),
        ("title: x", "name: x", "gameday.yaml:1: title is no key of this"),
        ("get: api.test", "get: http://api.test/", "gameday.yaml:5: users[0].get: api.test is no http or https URL"),
        ("city: atlantis", "city: sydney", "gameday.yaml:6: users[1]: atlantis is no city of this world: "),
        ("region: mars-1", "region: $primary", "gameday.yaml:12: faults[0]: mars-1 is not a region of this world"),
        ("region: $fifth", "region: $primary", "faults[0]: $fifth needs a world of 5 regions; this one has 3"),
        (
            "kind: meteor",
            "kind: region-kill",
            "gameday.yaml:12: faults[0]: meteor is no kind of fault; there are",
        ),
        ("at_s: soon", "at_s: 2", "gameday.yaml:12: faults[0]: Expected `float`, got `str`"),
        ("journeys:walk", "journeys:go", "gameday.yaml:8: users[1].journey: journeys:walk: "),
        ("journeys:plain", "journeys:go", "plain is no async function"),
        ("journeys:verify", "journeys:go", "a journey is given one user"),
        ("trips:go", "journeys:go", "there is no "),
        ("journeys", "journeys:go", "write module:function"),
        ("verify: journeys:go", "verify: journeys:verify", "gameday.yaml:18: verify: journeys:go: "),
        ("{paris: 5}", "{london: 5}", "gameday.yaml:16: objectives.rto_s.paris: no users are in paris"),
        ("parcel: {lost: 0}", "thing: {lost: 0}", ""),
        ("missing_while_away: 3, x: 1", "lost: 0", "gameday.yaml:17: objectives.rpo[...]: x is no key of this"),
        ("name: x\nname: y", "name: x", "gameday.yaml:2: name is given twice"),
        ("  rpo: [", "  rpo: {thing: {lost: 0}}", "gameday.yaml:19: "),
    ],
)
def test_a_bad_file_is_told_with_its_line_and_key(tmp_path: Path, instead: str, of: str, complaint: str) -> None:
    told = said(tmp_path, GOOD.replace(of, instead, 1))
    assert complaint in told
    assert bool(told) == bool(complaint)


@pytest.mark.parametrize(
    ("objective", "complaint"),
    [
        ("thing: {lost: 0}", "nothing looks for writes of kind thing: name its store, or a verify function"),
        ("'*': {overwritten: 0}", "nothing looks for writes of kind *"),
        ("thing: {stale: 0}", ""),
        ("thing: {missing_while_away: 0}", "missing_while_away needs the store of these writes"),
        ("thing: {duplicated: 0}", "duplicated needs a verify function: only the application can tell"),
    ],
)
def test_a_promise_that_nothing_could_break_is_refused(tmp_path: Path, objective: str, complaint: str) -> None:
    text = GOOD.replace("thing: {lost: 0}", objective).replace("verify: journeys:verify\n", "")
    told = said(tmp_path, text.replace("stores:\n  thing: {table: things, key: id}\n", ""))
    assert complaint in told
    assert bool(told) == bool(complaint)


FIGURE = "{kind: cloudwatch, region: us-east-1, namespace: N, metric: M"
LOOK = "{kind: http, url: 'http://x.test/', city: london"


@pytest.mark.parametrize(
    ("probes", "complaint"),
    [
        (f"- {FIGURE}, at_most: 3}}", ""),
        (f"- {FIGURE}}}", "gameday.yaml:20: steady_state[0]: give at_least or at_most: without a bound"),
        (f"- {FIGURE}, at_most: 3, window_s: 90}}", "steady_state[0].window_s: "),
        (
            f"- {LOOK}}}\n- {LOOK}, contains: x}}",
            "gameday.yaml:21: steady_state[1]: steady_state[0] is called GET",
        ),
        (f"- {LOOK}}}\n- {LOOK}, contains: x, name: other}}", ""),
        ("- {kind: mood}", "gameday.yaml:20: steady_state[0].kind: "),
    ],
)
def test_probes_that_say_nothing_are_refused(tmp_path: Path, probes: str, complaint: str) -> None:
    told = said(tmp_path, f"{GOOD}steady_state:\n{probes}\n", world=False)
    assert complaint in told
    assert bool(told) == bool(complaint)


def test_figures_are_asked_of_the_regions_of_the_world(tmp_path: Path) -> None:
    assert said(tmp_path, f"{GOOD}in_the_end:\n- {FIGURE}, at_most: 3}}\n") == ""
    elsewhere = FIGURE.replace("us-east-1", "mars-1")
    told = said(tmp_path, f"{GOOD}in_the_end:\n- {elsewhere}, at_most: 3}}\n")
    assert "mars-1 is not a region of this world" in told


def test_a_file_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="No such file"):
        read(tmp_path / "none.yaml")
    assert said(tmp_path, "[1]") == "gameday.yaml:1: this must be keys and values, not a list"
    assert said(tmp_path, "") == "gameday.yaml:1: this must be keys and values, not nothing"
    assert said(tmp_path, "seed: 1") == "gameday.yaml:1: name is missing"
    assert said(tmp_path, "\t- x").startswith("gameday.yaml:1: ")


def test_the_same_seed_gives_the_same_faults_at_the_same_times() -> None:
    plans: list[Any] = [
        {
            "schedule": "random",
            "faults": [{"kind": "region-kill", "region": "$primary"}, {"kind": "region-freeze", "region": "$third"}],
            "until_s": 300,
            "mean_gap_s": 10,
            "for_s": [1, 9],
        },
        {"fault": {"kind": "region-restart", "region": "$secondary", "down_s": 3}},
        {"fault": {"kind": "name-server-down"}, "at_s": 4},
    ]
    where = where_in(WORLD)
    assert timetable(plans, where, 7, 30) == timetable(plans, where, 7, 30)
    assert timetable(plans, where, 7, 30) != timetable(plans, where, 8, 30)
    steps = timetable(plans, where, 7, 30)
    ends = {step.fault.kind: step.at_s for step in steps if step.act == "undo"}
    assert ends["region-restart"] == 3  # by its nature
    assert ends["name-server-down"] == 30  # by the timeline
    assert sum(step.act == "undo" for step in steps) == sum(step.act == "inject" for step in steps)


@pytest.mark.parametrize("name", library.names())
def test_the_library_is_for_any_world(name: str) -> None:
    game, source = library.from_library(name)
    check_for(game, source, WORLD)
    assert game.description
    for_two = msgspec.structs.replace(WORLD, regions=("us-east-1", "eu-west-1"))
    check_for(game, source, for_two)
    quicker = library.scaled(game, 0.1)
    where = where_in(WORLD)
    slow = [step.at_s for step in timetable(game.faults, where, 1, 30)]
    assert [step.at_s for step in timetable(quicker.faults, where, 1, 3)] == pytest.approx([at / 10 for at in slow])


def test_the_library_has_what_was_promised() -> None:
    assert set(library.names()) == {
        *("lose-the-primary", "lose-a-secondary", "lose-each-in-turn", "cut-one-off", "slow-backbone", "one-way-cut"),
        *("lose-the-control-plane", "gray-failure", "clock-skew", "replication-paused", "rolling-restarts"),
    }


def test_a_game_day_of_the_library_borrows_users_and_promises() -> None:
    own, _ = read(HELLO / "gameday.yaml")
    game, _ = library.from_library("gray-failure")
    lent = library.lent(game, own)
    assert (lent.name, lent.users, lent.objectives) == (game.name, own.users, own.objectives)
    assert lent.faults == game.faults
    assert [one.city for one in library.with_readers(game, "http://x.test/", WORLD).users] == [
        *("dublin", "sydney", "washington"),
    ]


def test_the_shipped_schemas_are_the_types() -> None:
    for name, text in schema.schemas().items():
        assert (schema.FOLDER / name).read_bytes() == text, "run python -m panregion.gameday.schema"


def test_shipped_files_are_what_the_schema_says() -> None:
    validator = jsonschema.Draft202012Validator(schema.gameday_schema())
    files = [HELLO / "gameday.yaml", *Path(library.__file__).parent.glob("*.yaml")]
    assert len(files) > 10
    for file in files:
        validator.validate(yaml.safe_load(file.read_text()))
    bad = yaml.safe_load(GOOD) | {"faults": [{"fault": {"kind": "meteor"}, "for_s": 3}]}
    assert not validator.is_valid(bad)


def test_the_examples_game_day_is_good() -> None:
    game, source = read(HELLO / "gameday.yaml")
    check_for(game, source, WORLD)
    assert parse(source) == game
    assert isinstance(game, GameDay)
