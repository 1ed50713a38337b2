"""A result as a real game day gives it: three cities, the primary region away for 20 s, two objectives missed.

Made of formulas, so that reports have something to show without a world;
`python -m tests.gameday.sample FILE` writes it.
"""

import math
import sys
from pathlib import Path

from panregion.gameday import result as r

LENGTH = 60
LOST_AT, BACK_AT = 15.0, 35.0
BLIND_UNTIL = 21
HOME = {"new-york": "us-east-1", "london": "eu-west-1", "sydney": "ap-southeast-2"}
REGIONS = list(HOME.values())
PAIRS = [(a, b) for a in REGIONS for b in REGIONS if a != b]


def sample() -> r.Result:
    """The result; the same every time."""
    cities = [_city(city) for city in HOME]
    objectives = [
        r.Objective("RTO, new-york", "rto", 5.0, 6.2, "s", False, "new-york had no good answer until 6.2 s after f1"),
        r.Objective("RTO, london", "rto", 5.0, 0.0, "s", True, "london was not touched"),
        r.Objective("RPO, dynamodb:hello-items", "rpo", 0, 0, "writes", True, "no acknowledged write was lost"),
        r.Objective("overwritten, dynamodb:hello-items", "overwritten", 1, 3, "writes", False, "3 were overwritten"),
        r.Objective("converge", "converge", 10.0, 2.4, "s", True, "every replica had everything 2.4 s after f1's end"),
    ]
    return r.Result(
        name="lose the primary",
        description="us-east-1 is killed for twenty seconds while people in three cities read and write.",
        held=False,
        why_not=[f"{one.name}: {one.why}" for one in objectives if not one.held],
        began_s=1_795_255_200.0,
        duration_s=float(LENGTH),
        seed=1,
        regions=REGIONS,
        health_check_scale=0.1,
        bucket_s=1.0,
        phases=[
            r.Phase("before", 0.0, LOST_AT),
            r.Phase("during", LOST_AT, BACK_AT),
            r.Phase("after", BACK_AT, float(LENGTH)),
        ],
        cities=cities,
        summaries=[
            r.Summary("", "before", 450, 0, 1.0, 38.0, 61.0, 84.2, 102.0),
            r.Summary("", "during", 600, 62, 1 - 62 / 600, 44.0, 130.4, 2000.1, 2004.0),
            r.Summary("", "after", 750, 0, 1.0, 39.0, 63.0, 90.8, 140.0),
            r.Summary("new-york", "during", 200, 62, 0.69, 88.0, 140.0, 2000.9, 2004.0),
        ],
        faults=[
            r.FaultSpan(
                id="f1",
                kind="region-kill",
                text="us-east-1 is killed",
                sites=["us-east-1"],
                planned_at_s=LOST_AT,
                began_s=15.02,
                ended_s=35.9,
                fault={"kind": "region-kill", "region": "us-east-1"},
            ),
            r.FaultSpan(
                id="f2",
                kind="link-delay",
                text="eu-west-1 <-> ap-southeast-2 takes 200 ms longer each way",
                sites=["eu-west-1", "ap-southeast-2"],
                planned_at_s=18.0,
                began_s=18.01,
                ended_s=30.0,
                fault={"kind": "link-delay", "from": "eu-west-1", "to": "ap-southeast-2", "delay_ms": 200},
            ),
        ],
        health=[
            r.HealthChange(17.4, "hc-1", "a.execute-api.us-east-1.amazonaws.com", "us-east-1", "eu-west-1", False, ""),
            r.HealthChange(
                18.1, "hc-1", "a.execute-api.us-east-1.amazonaws.com", "us-east-1", None, False, "1 of 8 healthy"
            ),
            r.HealthChange(
                39.7, "hc-1", "a.execute-api.us-east-1.amazonaws.com", "us-east-1", None, True, "2 of 8 healthy"
            ),
        ],
        dns=_dns(),
        region_states=[
            *(r.RegionState(0.0, region, "running") for region in REGIONS),
            r.RegionState(15.2, "us-east-1", "killed"),
            r.RegionState(35.3, "us-east-1", "starting"),
            r.RegionState(35.9, "us-east-1", "running"),
        ],
        lag=[_lag(a, b) for a, b in PAIRS],
        steady_state=[
            r.Check("availability", "before", "at least 0.999", "1.0", True),
            r.Check("availability", "during", "at least 0.999", "0.897", False, "62 of 600 requests failed"),
            r.Check("availability", "after", "at least 0.999", "1.0", True),
            r.Check("p99, london", "before", "at most 500 ms", "61.0 ms", True),
        ],
        objectives=objectives,
        in_the_end=[r.Check("replication", "end", "backlog 0, 6 pairs following", "backlog 0, 6 pairs", True)],
        rto=[
            r.Rto("new-york", "f1", True, 3.08, 3.1, 6.2, 6.4, 62),
            r.Rto("london", "f1", False, None, None, None, None, 0),
            r.Rto("sydney", "f1", False, None, None, None, None, 0),
        ],
        rpo=[r.StoreRpo("dynamodb:hello-items", 868, lost=0, missing_while_away=4, overwritten=3, stale=2)],
        writes=[
            *(_finding(number, "overwritten") for number in range(3)),
            *(_finding(number, "missing-while-away") for number in range(4)),
            *(_finding(number, "stale") for number in range(2)),
        ],
        writes_left_off=0,
        blast_radius=r.BlastRadius(1350, 62, 62 / 1350, list(HOME), ["new-york"], 6.2),
        error_budget=r.ErrorBudget(0.999, 30 * 86400.0, 77_760.0, 62, 62 / 77_760),
        converge_s=2.4,
        notes=["health checks run at 0.1 of their interval: on AWS detection takes ten times as long"],
        cost=r.Cost(3.1, 0.05, 30.0, 2.2),
        repeat=r.Repeat("panregion gameday run gameday.yaml --seed 1", 1, "name: lose the primary\nseed: 1\n"),
    )


def _city(city: str) -> r.CitySeries:
    blind = [city == "new-york" and LOST_AT <= second < BLIND_UNTIL for second in range(LENGTH)]
    away = [city == "new-york" and LOST_AT <= second < BACK_AT for second in range(LENGTH)]
    p50 = [
        None if is_blind else 38 + 45 * is_away + 4 * math.sin(second)
        for second, (is_blind, is_away) in enumerate(zip(blind, away, strict=True))
    ]
    good = [0 if is_blind else 10 for is_blind in blind]
    elsewhere = [count if is_away else 0 for count, is_away in zip(good, away, strict=True)]
    home = [count - other for count, other in zip(good, elsewhere, strict=True)]
    return r.CitySeries(
        city=city,
        journey="journeys:write_and_read",
        rate_s=10.0,
        good=good,
        failed=[10 if is_blind else 0 for is_blind in blind],
        p50_ms=p50,
        p95_ms=[None if value is None else value * 1.6 for value in p50],
        p99_ms=[None if value is None else value * 2.1 for value in p50],
        served_by={HOME[city]: home, **({"eu-west-1": elsewhere} if city == "new-york" else {})},
    )


def _dns() -> list[r.DnsAnswer]:
    address = {region: f"127.0.{number + 1}.1" for number, region in enumerate(REGIONS)}

    def told(at_s: float, city: str, region: str) -> r.DnsAnswer:
        return r.DnsAnswer(at_s, city, "api.hello.test", [address[region]], [region])

    moved = [told(18.1, "new-york", "eu-west-1"), told(39.8, "new-york", "us-east-1")]
    return [*(told(0.1, city, region) for city, region in HOME.items()), *moved]


def _lag(peer: str, region: str) -> r.LagSeries:
    axis = [second * 0.5 for second in range(LENGTH * 2)]
    lost = "us-east-1" in (peer, region)
    away = [lost and LOST_AT <= at < BACK_AT for at in axis]
    return r.LagSeries(
        store="dynamodb:hello-items",
        from_region=peer,
        to_region=region,
        at_s=axis,
        lag_ms=[None if is_away else 60 + 8 * math.sin(at) for at, is_away in zip(axis, away, strict=True)],
        backlog=[None if is_away else 0 for is_away in away],
    )


def _finding(number: int, verdict: r.WriteVerdict) -> r.WriteFinding:
    return r.WriteFinding(
        store="dynamodb:hello-items",
        key=f"{verdict}-{number}",
        verdict=verdict,
        city="new-york",
        acknowledged_s=14.0 + number / 4,
        digest=f"{number:016x}",
        regions=["us-east-1"],
        detail="written in us-east-1, replaced by eu-west-1's" if verdict == "overwritten" else "",
    )


if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(r.to_json(sample()))
