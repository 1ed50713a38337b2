"""Health checks over time, with a clock that the test moves."""

import itertools

import pytest

from panregion.edge.health import CHECKER_REGIONS, Monitor, Outcome
from panregion.services.route53.model import HealthCheck
from panregion.world import ManualClock, SeededChance, World
from tests.edge.support import check


class Bench:
    """A monitor over endpoints that a test turns on and off; a partition hides them from some sites."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.down: set[str] = set()
        self.hidden_from: set[str] = set()
        self.probes: list[tuple[float, str, str]] = []
        self.monitor = Monitor(World(self.clock, SeededChance(1)), self.probe)

    async def probe(self, check: HealthCheck, site: str) -> Outcome:
        self.probes.append((self.clock.monotonic(), check.id, site))
        good = check.id not in self.down and site not in self.hidden_from
        return Outcome(good, "found" if good else "not found")


@pytest.fixture
def bench() -> Bench:
    return Bench()


async def test_an_endpoint_leaves_within_interval_times_threshold_and_returns_likewise(bench: Bench) -> None:
    bench.monitor.follow({"a": check("a"), "b": check("b")})
    await bench.clock.advance(60)
    assert bench.monitor.healthy("a")
    bench.down = {"a"}
    await bench.clock.advance(19)
    assert bench.monitor.healthy("a"), "two intervals are not three failures for enough checkers"
    await bench.clock.advance(11)
    assert not bench.monitor.healthy("a")
    assert bench.monitor.healthy("b")
    bench.down = set()
    await bench.clock.advance(30)
    assert bench.monitor.healthy("a")
    whole = [entry for entry in bench.monitor.transitions.after(0) if entry["site"] is None]
    assert [(entry["health_check"], entry["healthy"]) for entry in whole] == [("a", False), ("a", True)]
    await bench.monitor.close()


async def test_every_checker_asks_once_an_interval(bench: Bench) -> None:
    bench.monitor.follow({"a": check("a", RequestInterval=30)})
    await bench.clock.advance(300)
    for site in CHECKER_REGIONS:
        times = [at for at, _, where in bench.probes if where == site]
        assert len(times) == 10
        assert all(later - earlier == pytest.approx(30) for earlier, later in itertools.pairwise(times))
    await bench.monitor.close()


async def test_checkers_behind_a_partition_cannot_condemn_alone(bench: Bench) -> None:
    bench.monitor.follow({"a": check("a")})
    bench.hidden_from = set(CHECKER_REGIONS[:6])
    await bench.clock.advance(60)
    assert bench.monitor.healthy("a"), "2 of 8 are more than 18 %"
    bench.hidden_from = set(CHECKER_REGIONS[:7])
    await bench.clock.advance(60)
    assert not bench.monitor.healthy("a")
    shown = bench.monitor.describe("a")
    assert shown is not None
    assert [seen["healthy"] for seen in shown["checkers"]].count(True) == 1
    await bench.monitor.close()


async def test_calculated_disabled_and_chosen_regions(bench: Bench) -> None:
    family = check("all", Type="CALCULATED", ChildHealthChecks=["a", "b"], HealthThreshold=2)
    few = ["us-east-1", "eu-west-1", "sa-east-1"]
    checks = {"a": check("a", Regions=few), "b": check("b"), "all": family}
    bench.monitor.follow(checks)
    bench.down = {"a"}
    await bench.clock.advance(40)
    assert {site for _, asked, site in bench.probes if asked == "a"} == set(few)
    assert [bench.monitor.healthy(each) for each in ("a", "b", "all")] == [False, True, False]
    bench.monitor.follow({**checks, "a": check("a", Disabled=True)})
    assert bench.monitor.healthy("all")
    asked = len([1 for _, each, _ in bench.probes if each == "a"])
    await bench.clock.advance(40)
    assert len([1 for _, each, _ in bench.probes if each == "a"]) == asked, "a disabled check asks nobody"
    bench.monitor.follow({})
    assert bench.monitor.describe("a") is None
    await bench.monitor.close()


async def test_opinions_outlive_a_restart(bench: Bench) -> None:
    bench.monitor.follow({"a": check("a")})
    bench.down = {"a"}
    await bench.clock.advance(60)
    await bench.monitor.close()
    again = Bench()
    again.monitor.remember(bench.monitor.held)
    again.monitor.follow({"a": check("a")})
    assert not again.monitor.healthy("a")
    await again.monitor.close()


async def test_latencies_are_kept_where_they_are_measured() -> None:
    clock = ManualClock()

    async def probe(_check: HealthCheck, _site: str) -> Outcome:
        return Outcome(True, "found", 0.05, 0.02, None, 0.03)

    monitor = Monitor(World(clock, SeededChance(1)), probe)
    few = ["us-east-1", "eu-west-1", "sa-east-1"]
    monitor.follow({"a": check("a", MeasureLatency=True, Regions=few), "b": check("b")})
    await clock.advance(4000)
    kept = monitor.latencies.describe("a")
    assert sorted(kept) == sorted(few)
    assert all(len(measured) == 360 for measured in kept.values())
    last = kept["us-east-1"][-1]
    assert (last["connection_ms"], last["ssl_handshake_ms"], last["first_byte_ms"]) == (20.0, None, 30.0)
    assert monitor.latencies.describe("b") == {}
    monitor.follow({})
    assert monitor.latencies.describe("a") == {}
    await monitor.close()


async def test_a_checker_that_meets_a_defect_says_so(caplog: pytest.LogCaptureFixture) -> None:
    clock = ManualClock()

    async def broken(_check: HealthCheck, _site: str) -> Outcome:
        raise KeyError("a defect")

    monitor = Monitor(World(clock, SeededChance(1)), broken)
    monitor.follow({"a": check("a", Regions=["us-east-1", "eu-west-1", "sa-east-1"])})
    await clock.advance(20)
    assert caplog.text.count("a health checker has stopped") == 3
    monitor.follow({})


async def test_what_was_held_of_checks_that_are_gone_is_forgotten(bench: Bench) -> None:
    bench.monitor.follow({"a": check("a"), "b": check("b")})
    bench.monitor.follow({"b": check("b")})
    assert set(bench.monitor.held.opinions) == set(bench.monitor.held.states) == {"b"}
    await bench.monitor.close()


async def test_blind_checkers_see_neither_health_nor_its_loss(bench: Bench) -> None:
    bench.monitor.follow({"a": check("a")})
    await bench.clock.advance(60)
    seeing = CHECKER_REGIONS[0]
    bench.monitor.blind = lambda site: site != seeing
    bench.probes.clear()
    bench.down = {"a"}
    await bench.clock.advance(60)
    assert {site for _, _, site in bench.probes} == {seeing}
    assert bench.monitor.healthy("a"), "seven of eight still hold what they saw last"
    bench.monitor.blind = lambda _site: False
    await bench.clock.advance(40)
    assert not bench.monitor.healthy("a")
    await bench.monitor.close()
