"""How far behind replicas are, in a table."""

from typing import Any

import pytest

from panregion.cli.lag import replication_table
from panregion.cli.output import out

FIGURES = {"backlog": 2, "lag": {"p50_ms": 52.4, "p99_ms": None}, "refused": "", "copying": False, "paused": False}


def shown(capsys: pytest.CaptureFixture[str], following: dict[str, Any], **figures: Any) -> str:
    """The only line of the table."""
    taken = {"us-east-1": {**following, "feeds": {"f": {**FIGURES, **figures}}}}
    region = {"region": "eu-west-1", "replicated_tables": {"f": "orders"}, "replication": taken}
    out.print(replication_table([region]))
    return " ".join(capsys.readouterr().out.splitlines()[-1].split())


def test_a_replica_that_follows(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(capsys, {"state": "following"}) == "eu-west-1 us-east-1 orders following 2 52 ms"
    assert shown(capsys, {"state": "following"}, paused=True) == "eu-west-1 us-east-1 orders paused 2 52 ms"


def test_a_peer_that_cannot_be_followed_says_why_in_a_few_words(capsys: pytest.CaptureFixture[str]) -> None:
    reason = "http://127.0.1.1:4566/x: eu-west-1 cannot reach us-east-1: us-east-1 at 127.0.1.1:4566: [refused]"
    line = shown(capsys, {"state": "waiting", "reason": reason})
    assert line == "eu-west-1 us-east-1 orders [refused] 2 52 ms"
