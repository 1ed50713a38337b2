"""What a trace tells of an accelerator's endpoint groups."""

from panregion.edge.accelerator.explaining import explain
from tests.edge.accelerator.test_selection import group

DISTANCES = {"near": 10.0, "middle": 50.0, "far": 200.0}


def test_shares_by_dial_and_what_the_rest_does_not_get() -> None:
    groups = [group("near", 25, a=1), group("middle", a=1, b=1), group("far", a=1)]
    assert explain(groups, lambda _, endpoint: endpoint.id != "middle/b", DISTANCES.__getitem__) == [
        (
            "endpoint group",
            "near",
            "gets 25 % of new connections: 10.0 ms away, dial 25 %, 1 of 1 endpoints are healthy",
        ),
        (
            "endpoint group",
            "middle",
            "gets 75 % of new connections: 50.0 ms away, dial 100 %, 1 of 2 endpoints are healthy",
        ),
        ("", "  not far", "closer groups take all connections; 200.0 ms away, dial 100 %"),
    ]


def test_a_group_without_a_healthy_endpoint_fails_over_and_others_are_closed_or_empty() -> None:
    groups = [group("near", 0, a=1), group("middle", a=1), group("far")]
    told = explain(groups, lambda _group, _endpoint: False, DISTANCES.__getitem__)
    assert [line[2].partition(";")[0] for line in told] == [
        "its dial is at 0",
        "its 100 % fail over to the closest other: 0 of 1 endpoints are healthy",
        "it has no endpoints",
    ]


def test_what_no_dial_lets_in_goes_to_the_closest_that_is_on_or_else_well() -> None:
    halves = [group("near", 50, a=1), group("far", 50, a=1)]
    told = [line[2].partition(":")[0] for line in explain(halves, lambda *_: True, DISTANCES.__getitem__)]
    assert told == ["gets 75 % of new connections", "gets 25 % of new connections"]
    off = [group("near", 0, a=1), group("middle", 0, a=1), group("far", 0, a=1)]
    told = [line[2] for line in explain(off, lambda group, _: group.region != "near", DISTANCES.__getitem__)]
    assert told == [
        "its dial is at 0; 10.0 ms away, dial 0 %",
        "gets 100 % of new connections: no group's dial lets them in; 50.0 ms away, dial 0 %, "
        "1 of 1 endpoints are healthy",
        "its dial is at 0; 200.0 ms away, dial 0 %",
    ]
