"""One page of all regions' pages: rows in one order, each image's state beside the others'. Pure."""

from typing import Any

import pytest

from panregion.control.items import NoSuchTable, side_by_side

US, EU, AP = "us-east-1", "eu-west-1", "ap-southeast-2"


def image(place: str, text: str | None, version: str | None) -> dict[str, Any]:
    """An item of key `place`; without text it was deleted."""
    key = {"id": {"S": place}}
    region = version.partition("@")[2] if version else None
    written_ms = int(version.partition(".")[0]) if version else None
    item = None if text is None else {**key, "text": {"S": text}}
    told = {"place": place, "key": key if item else None, "item": item, "size_bytes": 9 if item else None}
    return {**told, "version": version, "region": region, "written_ms": written_ms}


def page(*items: dict[str, Any], until: str | None = None, replication: str | None = "eventual") -> dict[str, Any]:
    return {"table": "t", "replication": replication, "key": ["id"], "items": list(items), "until": until}


def states(found: dict[str, Any]) -> dict[str, dict[str, str]]:
    return {row["place"]: {region: image["state"] for region, image in row["images"].items()} for row in found["rows"]}


def test_what_is_the_same_is_told_as_the_same() -> None:
    same = image("aa", "x", f"5.0@{EU}")
    found = side_by_side({US: page(same), EU: page(same)})
    assert [row["state"] for row in found["rows"]] == ["same"]
    assert states(found) == {"aa": {US: "newest", EU: "newest"}}
    assert found["rows"][0]["key"] == {"id": {"S": "aa"}}


def test_while_replication_is_behind() -> None:
    old, new = image("aa", "old", f"5.0@{US}"), image("aa", "new", f"9.0@{EU}")
    found = side_by_side({US: page(old), EU: page(new), AP: page()})
    assert states(found) == {"aa": {US: "older", EU: "newest", AP: "missing"}}
    assert found["rows"][0]["state"] == "differs"


def test_the_counter_and_then_the_region_decide_within_a_millisecond() -> None:
    found = side_by_side({US: page(image("aa", "x", f"5.10@{US}")), EU: page(image("aa", "y", f"5.9@{EU}"))})
    assert states(found)["aa"] == {US: "newest", EU: "older"}
    found = side_by_side({US: page(image("aa", "x", f"5.9@{US}")), EU: page(image("aa", "y", f"5.9@{EU}"))})
    assert states(found)["aa"] == {US: "newest", EU: "older"}


def test_a_deletion_that_wins_and_one_that_lost() -> None:
    found = side_by_side({US: page(image("aa", None, f"9.0@{US}")), EU: page(image("aa", "x", f"5.0@{EU}"))})
    assert states(found)["aa"] == {US: "deleted", EU: "older"}
    found = side_by_side({US: page(image("aa", None, f"3.0@{US}")), EU: page(image("aa", "x", f"5.0@{EU}"))})
    assert states(found)["aa"] == {US: "older", EU: "newest"}


def test_what_is_deleted_everywhere_is_no_row() -> None:
    buried = image("aa", None, f"9.0@{US}")
    assert side_by_side({US: page(buried), EU: page(buried)})["rows"] == []


def test_a_region_that_does_not_answer_says_nothing_of_its_items() -> None:
    found = side_by_side({US: page(image("aa", "x", f"5.0@{US}")), EU: None})
    assert states(found)["aa"] == {US: "newest", EU: "unknown"}
    assert found["rows"][0]["state"] == "same"
    assert found["regions"] == {US: "answers", EU: "does not answer"}


def test_a_region_without_the_table_has_no_column() -> None:
    found = side_by_side({US: page(image("aa", "x", None), replication=None), EU: {}})
    assert found["regions"] == {US: "answers"}


def test_tables_of_one_name_differ_without_being_older() -> None:
    mine, theirs = image("aa", "x", None), image("aa", "y", None)
    found = side_by_side({US: page(mine, replication=None), EU: page(theirs, replication=None)})
    assert states(found)["aa"] == {US: "newest", EU: "differs"}


def test_a_page_goes_as_far_as_every_region_was_read() -> None:
    """Behind where one region's page ends, nobody knows what it has: that is the next page's."""
    us = page(*(image(place, "x", f"5.0@{US}") for place in ("aa", "cc")), until="cc")
    eu = page(*(image(place, "x", f"5.0@{US}") for place in ("aa", "bb", "cc", "dd")), until="dd")
    found = side_by_side({US: us, EU: eu}, 50)
    assert list(states(found)) == ["aa", "bb", "cc"]
    assert states(found)["bb"] == {US: "missing", EU: "newest"}
    assert found["next"] == "cc"


def test_a_page_of_so_many_and_where_the_next_begins() -> None:
    whole = page(*(image(place, "x", f"5.0@{US}") for place in ("aa", "bb", "cc")))
    found = side_by_side({US: whole}, 2)
    assert (list(states(found)), found["next"]) == (["aa", "bb"], "bb")
    assert side_by_side({US: whole}, 3)["next"] is None


def test_the_versions_of_a_strong_table_are_numbers() -> None:
    old, new = {**image("aa", "x", None), "version": "9"}, {**image("aa", "y", None), "version": "10"}
    found = side_by_side({US: page(old, replication="strong"), EU: page(new, replication="strong")})
    assert states(found)["aa"] == {US: "older", EU: "newest"}


def test_nobody_has_the_table() -> None:
    with pytest.raises(NoSuchTable):
        side_by_side({US: {}, EU: None})
