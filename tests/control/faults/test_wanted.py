"""What all live faults together want: the same whatever their order, and nothing when there are none."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panregion.control.faults.effects import Effect, LinkChange, SiteDown, Where
from panregion.control.faults.wanted import LINKS, links_wanted, site_wanted, target

WHERE = Where(("us", "eu"), ("london", "tokyo"), ("edge", "eu", "london", "tokyo", "us"), ("us", "eu", "cells"))

sites = st.sampled_from(["us", "eu"])
downs = st.builds(SiteDown, sites, st.sampled_from(["frozen", "stopped", "killed"]))
changes = st.builds(
    LinkChange,
    sites,
    sites,
    cut=st.sampled_from([None, "silent", "refuse"]),
    delay_ms=st.floats(0, 1000),
    jitter_ms=st.floats(0, 1000),
    loss=st.floats(0, 0.99),
    bandwidth_bytes_s=st.none() | st.floats(1, 1e9),
)


@given(st.lists(downs | changes), st.integers())
def test_the_order_of_faults_does_not_matter(effects: list[Effect], seed: int) -> None:
    shuffled = list(effects)
    random.Random(seed).shuffle(shuffled)
    assert site_wanted(effects, "us") == site_wanted(shuffled, "us")
    one, other = links_wanted(effects), links_wanted(shuffled)
    assert one.keys() == other.keys()
    for pair, link in one.items():
        assert (link.cut, link.bandwidth_bytes_s) == (other[pair].cut, other[pair].bandwidth_bytes_s)
        assert link.delay_ms == pytest.approx(other[pair].delay_ms)
        assert link.loss == pytest.approx(other[pair].loss)
        assert 0 <= link.loss <= 1


@given(st.lists(changes), changes)
def test_one_fault_more_never_makes_a_link_better(effects: list[Effect], more: LinkChange) -> None:
    pair = more.from_site, more.to_site
    before, after = links_wanted(effects).get(pair, LinkChange(*pair)), links_wanted([*effects, more])[pair]
    assert after.delay_ms >= before.delay_ms
    assert after.jitter_ms >= before.jitter_ms
    assert after.loss >= before.loss - 1e-12
    assert (after.bandwidth_bytes_s or 1e12) <= (before.bandwidth_bytes_s or 1e12)
    assert after.cut is not None or before.cut is None


def test_the_worst_that_is_asked_of_a_site_counts() -> None:
    effects = [SiteDown("us", "frozen"), SiteDown("us", "killed"), SiteDown("eu", "stopped"), SiteDown("us", "stopped")]
    assert [site_wanted(effects, site) for site in ("us", "eu", "london")] == ["killed", "stopped", None]
    assert target(effects[0]) == ("site", "us")
    assert target(LinkChange("a", "b")) == LINKS


def test_groups_name_several_links() -> None:
    assert list(WHERE.pairs("regions", "regions", both=True)) == [("eu", "us"), ("us", "eu")]
    assert list(WHERE.pairs("us", "places", both=False)) == [("us", "london"), ("us", "tokyo")]
    assert len(list(WHERE.pairs("us", "*", both=True))) == 8
    assert list(WHERE.pairs("us", "us", both=True)) == []
    with pytest.raises(ValueError, match="unknown site 'lodnon'; near to it: london"):
        list(WHERE.pairs("us", "lodnon", both=True))
    with pytest.raises(ValueError, match=r"unknown site '123'; there are: regions, places, \*, edge"):
        WHERE.named("123")
    assert WHERE.require_down("cells") == "cells"
    with pytest.raises(ValueError, match="mars is not a region of this world; it has us, eu"):
        WHERE.require_down("mars")
