"""Questions and answers: zones, aliases, chains, wildcards, names that are not there."""

import pytest

from panregion.services.route53.model import Change, Zone
from panregion.wire import dns
from tests.edge.support import ZONE, Lab, alias, record

REGIONS = ("us-east-1", "eu-west-1", "ap-southeast-2")


@pytest.mark.parametrize(
    ("name", "type", "rcode", "values"),
    [
        ("api.hello.test", "A", dns.NOERROR, ["192.0.2.1"]),
        ("API.hello.TEST", "A", dns.NOERROR, ["192.0.2.1"]),
        ("api.hello.test", "AAAA", dns.NOERROR, []),
        ("gone.hello.test", "A", dns.NXDOMAIN, []),
        ("deep.hello.test", "A", dns.NOERROR, []),
        ("api.elsewhere.test", "A", dns.REFUSED, []),
        ("api.hello.test", "ANY", dns.REFUSED, []),
        ("hello.test", "AXFR", dns.REFUSED, []),
        ("www.hello.test", "A", dns.NOERROR, ["api.hello.test.", "192.0.2.1"]),
        ("www.hello.test", "CNAME", dns.NOERROR, ["api.hello.test."]),
        ("out.hello.test", "A", dns.NOERROR, ["www.example.com."]),
        ("any.wild.hello.test", "A", dns.NOERROR, ["192.0.2.7"]),
        ("a.b.wild.hello.test", "A", dns.NOERROR, ["192.0.2.7"]),
        ("wild.hello.test", "A", dns.NOERROR, []),
        ("known.wild.hello.test", "A", dns.NOERROR, ["192.0.2.8"]),
        ("x.known.wild.hello.test", "A", dns.NXDOMAIN, []),
        ("loop.hello.test", "A", dns.SERVFAIL, None),
        ("x1.execute-api.eu-west-1.amazonaws.com", "A", dns.NOERROR, ["127.0.2.1"]),
        ("x1.execute-api.eu-west-1.amazonaws.com", "AAAA", dns.NOERROR, []),
        ("x1.execute-api.sa-east-1.amazonaws.com", "A", dns.NXDOMAIN, []),
        ("iam.amazonaws.com", "A", dns.NOERROR, ["127.0.1.1"]),
    ],
)
def test_answers(name: str, type: str, rcode: int, values: list[str] | None) -> None:
    lab = Lab(
        record("api"),
        record("a.deep"),
        record("www", "api.hello.test.", "CNAME"),
        record("out", "www.example.com", "CNAME"),
        record("*.wild", "192.0.2.7"),
        record("known.wild", "192.0.2.8"),
        record("loop", "loop.hello.test", "CNAME"),
    )
    assert lab.ask(name, type).rcode == rcode
    if values is not None:
        assert lab.values(name, type) == values


def test_what_is_not_there_comes_with_the_soa() -> None:
    found = Lab().ask("gone.hello.test")
    assert [each.type for each in found.authority] == [dns.SOA]
    assert found.trace[-1]["why"] == "gone.hello.test. does not exist"


def test_a_delegated_name_is_referred() -> None:
    found = Lab(record("sub", "ns.other.test.", "NS")).ask("a.sub.hello.test")
    assert (found.rcode, found.authoritative, found.records) == (dns.NOERROR, False, [])
    assert [each.type for each in found.authority] == [dns.NS]


def test_a_delegation_s_signer_is_answered_by_the_zone_above() -> None:
    digest = "60485 5 1 2bb183af5f22588179a53b0a98631fad1a292118"
    lab = Lab(record("sub", "ns.elsewhere.test", "NS"), record("sub", digest, "DS"), record("bare", "ns.e.test", "NS"))
    assert lab.values("sub.hello.test", "DS") == [digest]
    unsigned = lab.ask("bare.hello.test", "DS")
    assert (unsigned.rcode, unsigned.records, [each.type for each in unsigned.authority]) == (0, [], [dns.SOA])
    assert not lab.ask("below.sub.hello.test", "DS").authoritative


def test_the_longest_zone_holds_a_name() -> None:
    lab = Lab(record("a.inner"))
    inner = Zone("Z2", "inner.hello.test.", "two", ZONE.name_servers)
    lab.book.take(Change(zone=inner))
    assert lab.ask("a.inner.hello.test").rcode == dns.NXDOMAIN
    lab.book.take(Change(gone=True, zone=inner))
    assert lab.values("a.inner.hello.test") == ["192.0.2.1"]


def test_an_alias_answers_under_its_own_name_with_its_targets_ttl() -> None:
    found = Lab(alias("@", "api.hello.test"), record("api", ttl=7)).ask("hello.test")
    assert [(each.name, each.ttl) for each in found.records] == [("hello.test.", 7)]


def test_the_classic_front_door() -> None:
    doors = [
        alias(
            "api",
            f"d-1.execute-api.{region}.amazonaws.com",
            zone_id="ZAWS",
            set_identifier=region,
            region=region,
            health_check_id=f"check-{region}",
        )
        for region in REGIONS
    ]
    lab = Lab(*doors)
    assert lab.values(who="new-york") == ["127.0.1.1"]
    assert lab.values(who="sydney") == ["127.0.3.1"]
    lab.unhealthy = {"check-us-east-1"}
    found = lab.ask(who="new-york")
    assert found.addresses == ["127.0.2.1"]
    assert "us-east-1 (" in found.why
    assert "is unhealthy" in found.why
    shown = {each["set_identifier"]: (each["healthy"], each["chosen"]) for each in found.trace[0]["records"]}
    assert shown == {"us-east-1": (False, False), "eu-west-1": (True, True), "ap-southeast-2": (True, False)}
    lab.unhealthy = {f"check-{region}" for region in REGIONS}
    assert lab.values(who="new-york") == ["127.0.1.1"]


def test_health_goes_up_a_tree_of_aliases() -> None:
    lab = Lab(
        alias("api", "east.hello.test", evaluate=True, set_identifier="p", failover="PRIMARY"),
        record("api", "192.0.2.9", set_identifier="s", failover="SECONDARY"),
        record("east", "192.0.2.1", set_identifier="1", weight=1, health_check_id="one"),
        record("east", "192.0.2.2", set_identifier="2", weight=1, health_check_id="two"),
    )
    assert set(lab.values()) <= {"192.0.2.1", "192.0.2.2"}
    lab.unhealthy = {"one"}
    assert lab.values() == ["192.0.2.2"]
    lab.unhealthy = {"one", "two"}
    assert lab.values() == ["192.0.2.9"]


def test_a_changed_record_is_answered_at_once_and_a_deleted_one_no_more() -> None:
    lab = Lab(record("api"))
    lab.book.take(Change(record=record("api", "192.0.2.5")))
    assert lab.values() == ["192.0.2.5"]
    lab.book.take(Change(gone=True, record=record("api")))
    assert lab.ask().rcode == dns.NXDOMAIN


def test_a_snapshot_is_the_book_again() -> None:
    lab = Lab(record("api"), record("a.deep"), record("api", "192.0.2.2", set_identifier="x", weight=1, type="TXT"))
    again = Lab()
    again.book.load(lab.book.snapshot())
    assert again.book.snapshot() == lab.book.snapshot()
    assert again.ask("deep.hello.test").rcode == dns.NOERROR
