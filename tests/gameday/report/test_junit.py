"""JUnit XML: as many failures as there are reasons, and well-formed whatever the texts hold."""

from xml.etree import ElementTree

import msgspec

from panregion.gameday.report import to_junit
from tests.gameday.report.hostile import hostile
from tests.gameday.sample import sample


def test_what_did_not_hold_is_a_failure_with_both_figures() -> None:
    root = ElementTree.fromstring(to_junit(sample()))
    failed = {case.get("name"): case.find("failure") for case in root.iter("testcase")}
    failures = {name: one.get("message") for name, one in failed.items() if one is not None}
    assert set(failures) == {"RTO, new-york", "overwritten, dynamodb:hello-items", "everything held"}
    assert "wanted 5.0 s, measured 6.2 s" in str(failures["RTO, new-york"])
    assert (root.get("tests"), root.get("failures")) == (str(len(failed)), "3")


def test_a_game_day_that_held_has_no_failure_whatever_was_seen_during_the_fault() -> None:
    objectives = [one for one in sample().objectives if one.held]
    held = msgspec.structs.replace(sample(), held=True, why_not=[], objectives=objectives)
    root = ElementTree.fromstring(to_junit(held))
    assert list(root.iter("failure")) == []
    assert len(list(root.iter("testcase"))) > len(objectives)


def test_texts_that_xml_cannot_have_do_not_spoil_it() -> None:
    root = ElementTree.fromstring(to_junit(hostile()))
    plain = ElementTree.fromstring(to_junit(sample()))
    assert [one.tag for one in root.iter()] == [one.tag for one in plain.iter()]
