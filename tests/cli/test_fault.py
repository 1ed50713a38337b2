"""Faults on the command line: how each is written, and what is said of what cannot be."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from panregion.cli import fault as commands
from panregion.cli.app import group
from panregion.control import ControlClient, FaultHandle
from panregion.control import faults as f
from panregion.control.faults import FAULTS, BaseFault, Record
from tests.cli.support import world_in


class Control:
    """In place of a running world: writes down what is injected."""

    def __init__(self) -> None:
        self.injected: list[tuple[BaseFault, float | None]] = []
        self.records: list[Record] = []

    async def inject(self, fault: Any, *, duration_s: float | None = None) -> FaultHandle:
        self.injected.append((fault, duration_s))
        record = Record(id="1cd00a6a", fault=fault, description=fault.describe(), began_s=0, duration_s=duration_s)
        return FaultHandle(self, record)  # type: ignore[arg-type]

    async def faults(self) -> list[Record]:
        return self.records


@pytest.fixture
def control(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Control:
    control = Control()
    world_in(tmp_path)
    monkeypatch.chdir(tmp_path)

    def asked(_settings: Any, question: Any) -> Any:
        return asyncio.run(control.faults() if question is ControlClient.faults else question(control))

    monkeypatch.setattr(commands, "asked", asked)
    return control


def run(line: str) -> Result:
    result = CliRunner().invoke(group, line.split(" "))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.mark.parametrize(
    ("line", "fault", "for_s"),
    [
        ("region-freeze eu-west-1 --for 30s", f.RegionFreeze(region="eu-west-1"), 30),
        ("region-restart eu-west-1 --down 2m", f.RegionRestart(region="eu-west-1", down_s=120), None),
        ("link-cut london eu-west-1", f.LinkCut(from_site="london", to_site="eu-west-1"), None),
        (
            "link-cut london * --one-way --how refuse",
            f.LinkCut(from_site="london", to_site="*", both=False, how="refuse"),
            None,
        ),
        ("link-delay a b --delay 1.5s", f.LinkDelay(from_site="a", to_site="b", delay_ms=1500), None),
        ("link-jitter a b --jitter 20", f.LinkJitter(from_site="a", to_site="b", jitter_ms=20), None),
        ("link-loss a b --loss 5%", f.LinkLoss(from_site="a", to_site="b", loss=0.05), None),
        (
            "link-bandwidth a b --bandwidth 64k",
            f.LinkBandwidth(from_site="a", to_site="b", bandwidth_bytes_s=64000),
            None,
        ),
        ("name-server-down --how servfail", f.NameServerDown(how="servfail"), None),
        ("checkers-blind *", f.CheckersBlind(site="*"), None),
        (
            "service-error us-east-1 s3 --operations Get*,PutObject --share 10% --status 503",
            f.ServiceError(region="us-east-1", service="s3", operations=("Get*", "PutObject"), share=0.1, status=503),
            None,
        ),
        (
            "service-slow us-east-1 * --delay 200ms --jitter 50ms",
            f.ServiceSlow(region="us-east-1", service="*", delay_ms=200, jitter_ms=50),
            None,
        ),
        ("service-throttle us-east-1 sqs", f.ServiceThrottle(region="us-east-1", service="sqs"), None),
        (
            "function-error us-east-1 --function orders --how timeout --after",
            f.FunctionError(region="us-east-1", function="orders", how="timeout", after=True),
            None,
        ),
        ("function-slow us-east-1 --delay 1s", f.FunctionSlow(region="us-east-1", delay_ms=1000), None),
        ("function-cold us-east-1", f.FunctionCold(region="us-east-1"), None),
        (
            "replication-pause us-east-1 --peer eu-west-1 --table things --one-way",
            f.ReplicationPause(region="us-east-1", peer="eu-west-1", table="things", both=False),
            None,
        ),
        ("disk-full us-east-1 --free 1.5MB", f.DiskFull(region="us-east-1", free_bytes=1_500_000), None),
        ("store-sync-failure us-east-1 --share 0.5", f.StoreSyncFailure(region="us-east-1", share=0.5), None),
        (
            "clock-skew us-east-1 --skew -1h --drift 0.5",
            f.ClockSkew(region="us-east-1", skew_s=-3600, drift_ms_per_s=0.5),
            None,
        ),
        ("clock-jump us-east-1 --by -5s --every 1m", f.ClockJump(region="us-east-1", by_s=-5, every_s=60), None),
        ("cpu-leak us-east-1 --processes 2", f.CpuLeak(region="us-east-1", processes=2), None),
        ("region-kill us-east-1", f.RegionKill(region="us-east-1"), None),
    ],
)
def test_every_kind_is_written_so(control: Control, line: str, fault: BaseFault, for_s: float | None) -> None:
    result = run(f"fault {line}")
    assert result.exit_code == 0, result.output
    assert control.injected == [(fault, for_s)]


def test_every_kind_says_what_it_is() -> None:
    listed = run("fault --help").output
    for kind in FAULTS:
        assert f"  {kind} " in listed
        assert f"Usage: group fault {kind}" in run(f"fault {kind} --help").output


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("service-error us-east-1 s3 --share 110%", "service-error: share must be at most 1.0"),
        ("service-error us-east-1 s3 --share much", "much is no share; write 10% or 0.1"),
        ("link-delay a b --delay soon", "soon is no duration; write 200ms, 30s, 5m or 1h"),
        ("link-delay a b", "Missing option '--delay'"),
        ("link-bandwidth a b --bandwidth wide", "wide is no size; write 64k or 1.5MB"),
        ("clock-skew us-east-1", "skew_s or drift_ms_per_s must be given"),
        ("region-kill", "Missing argument 'REGION'"),
        ("flood us-east-1", "No such command 'flood'"),
        ("link-cut a b --how loudly", "'loudly' is not one of 'silent', 'refuse'"),
    ],
)
def test_what_makes_no_sense_is_answered_by_what_would(control: Control, line: str, why: str) -> None:
    result = run(f"fault {line}")
    assert result.exit_code == 2
    assert why in result.output
    assert control.injected == []


def test_faults_are_listed_with_their_ids(control: Control) -> None:
    assert "nothing is broken on purpose" in run("faults").output
    kill = f.RegionKill(region="us-east-1")
    control.records = [
        Record(id="aa", fault=kill, description="us-east-1 is killed", began_s=0, duration_s=30, lease="l"),
        Record(id="bb", fault=kill, description="it was", began_s=0, state="ended", ended_s=2.5, why="undone"),
    ]
    listed = run("faults").output
    assert "aa  us-east-1 is killed  live" in listed
    assert "after 30 s or with its lease" in listed
    assert "bb" not in listed
    everything = run("faults --all").output
    assert "bb  it was               ended  2.5 s" in everything
    assert '"kind": "region-kill"' in run("faults --json").output
