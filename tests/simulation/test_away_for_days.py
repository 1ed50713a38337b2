"""A region that is cut off for days: the others drop what it has not read, and it copies the table when it is back."""

import pytest

from panregion.replication import layout
from tests.replication.shelf import shown
from tests.simulation.region import FEED, Settings
from tests.simulation.run import Run, check

DAY_S = 86_400.0


def quiet(seed: int) -> Run:
    """A world in which nothing goes wrong by itself; feeds are kept for a day."""
    run = Run(seed)
    run.network.loss = 0.0
    run.settings = Settings(feed_keep_s=DAY_S, tombstone_keep_s=0.5)
    for region in run.regions.values():
        region.settings = run.settings
    while any(not region.joined for region in run.regions.values()):
        run.join()
        run.bring_peace()
    return run


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("down", [False, True])
def test_it_gets_a_copy_and_nothing_is_lost_or_comes_back(seed: int, down: bool) -> None:
    run = quiet(seed)
    for _ in range(30):
        run.some_write()
        run.time.run(0.1)
    run.bring_peace()
    away = run.chance.choice(list(run.regions.values()))
    others = [region for region in run.regions.values() if region is not away]
    for other in others:
        run.network.cut(away.name, other.name)
    if down:
        away.crash()
    for _ in range(40):  # some of them made in the region that is away, if it runs
        run.some_write()
        run.time.run(0.1)
    run.days_pass(3)
    for _ in range(10):
        run.some_write()
        run.time.run(0.3)
    for other in others:
        tx = other.committed()
        first = next((int(key[2]) for key, _ in tx.prefix(("feeds", FEED))), None)
        assert first is None or first >= layout.head(tx, FEED) - 10, "what is older than a day is dropped"
    before = away.copied_anew
    run.bring_peace()
    assert away.copied_anew > before, "it could not have read what it missed from the feeds"
    check(run)
    assert all(shown(other.committed(), FEED) == shown(away.committed(), FEED) for other in others)


def test_a_day_is_waited_for() -> None:
    run = quiet(3)
    away, *others = run.regions.values()
    for other in others:
        run.network.cut(away.name, other.name)
    for _ in range(30):
        run.some_write()
        run.time.run(0.1)
    for region in run.regions.values():
        region.clock.jump(0.9 * DAY_S)
    run.time.run(5.0)
    run.bring_peace()
    assert run.copied_anew == 0
    check(run)
