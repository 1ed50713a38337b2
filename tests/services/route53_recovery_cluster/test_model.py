"""Which changes the safety rules let pass: tables, and what holds of every rule."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from panregion.services.recovery import Agreed, Control, Document, Panel, Rule, State
from panregion.services.route53_recovery_cluster.errors import ConflictException
from panregion.services.route53_recovery_cluster.model import changed, true

NAMES = ("a", "b", "c")


def rule(kind: str = "ASSERTION", type: str = "ATLEAST", **more: object) -> Rule:
    given: dict[str, object] = {
        "controls": NAMES,
        "targets": (),
        "threshold": 2,
        "inverted": False,
        "wait_ms": 0,
        **more,
    }
    return Rule("rule", "rule", "panel", kind, type=type, **given)  # type: ignore[arg-type]


def agreed(on: str, *rules: Rule, changed_at: float = 0.0) -> Agreed:
    controls = tuple(Control(name, name, "panel") for name in (*NAMES, "gate"))
    document = Document(1, "cluster", "owner", (Panel("panel", "panel"),), controls, rules)
    return Agreed(document, {name: State(True, changed_at) for name in on.split()})


@pytest.mark.parametrize(
    ("on", "type", "threshold", "inverted", "holds"),
    [
        ("a b", "ATLEAST", 2, False, True),
        ("a", "ATLEAST", 2, False, False),
        ("a", "ATLEAST", 2, True, True),
        ("a b c", "AND", 0, False, True),
        ("a b", "AND", 0, False, False),
        ("c", "OR", 0, False, True),
        ("", "OR", 0, False, False),
        ("", "OR", 0, True, True),
    ],
)
def test_a_rule_counts_what_is_on(on: str, type: str, threshold: int, inverted: bool, holds: bool) -> None:
    assert true(rule(type=type, threshold=threshold, inverted=inverted), agreed(on)) is holds


def test_an_assertion_looks_at_what_the_whole_change_would_leave() -> None:
    before = agreed("a", rule(type="OR"))
    with pytest.raises(ConflictException, match="its assertion would not hold"):
        changed(before, {"a": False}, (), 1)
    after = changed(before, {"a": False, "b": True}, (), 1)
    assert (after.state("a").on, after.state("b").on) == (False, True)
    changed(before, {"gate": True}, (), 1)  # not one of the rule's


def test_a_gate_has_to_be_open_before() -> None:
    gating = rule("GATING", "OR", controls=("gate",), targets=("a",))
    shut = agreed("", gating)
    with pytest.raises(ConflictException, match="its gating controls do not allow it"):
        changed(shut, {"a": True}, (), 1)
    with pytest.raises(ConflictException):
        changed(shut, {"a": True, "gate": True}, (), 1)
    assert changed(shut, {"a": True}, {"rule"}, 1).state("a").on
    opened = changed(shut, {"gate": True}, (), 1)
    assert changed(opened, {"a": True}, (), 1).state("a").on


def test_after_a_change_the_guarded_controls_wait() -> None:
    before = agreed("a b", rule(type="OR", wait_ms=5000), changed_at=100.0)
    with pytest.raises(ConflictException, match="ends in 1000 ms"):
        changed(before, {"a": False}, (), 104.0)
    assert changed(before, {"a": True}, (), 104.0) is before  # nothing changes, so nothing is refused
    assert changed(before, {"a": False}, {"rule"}, 104.0) != before
    after = changed(before, {"a": False}, (), 105.0)
    assert after.state("a") == State(False, 105.0)
    with pytest.raises(ConflictException, match="wait period"):
        changed(after, {"c": True}, (), 106.0)


@given(
    st.lists(st.dictionaries(st.sampled_from(NAMES), st.booleans(), min_size=1), max_size=12),
    st.integers(1, 3),
)
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_an_assertion_that_held_holds_whatever_is_asked(asked: list[dict[str, bool]], threshold: int) -> None:
    kept = rule(threshold=threshold)
    now = agreed("a b c", kept)
    for wanted in asked:
        try:
            now = changed(now, wanted, (), 1)
        except ConflictException:
            continue
        assert true(kept, now)
