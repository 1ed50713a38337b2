"""Batches of changes, decided without a region: AWS's rules and words."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panregion.services.route53 import changes
from panregion.services.route53.errors import InvalidChangeBatch, InvalidInput
from panregion.services.route53.model import RecordSet, Zone, name_servers, own_records
from panregion.services.route53.values import name_problem, value_problem
from panregion.wire import dns

ZONE = Zone("Z1", "hello.test.", "reference", name_servers([1, 2, 3, 4]))


def record(name: str = "a", *values: str, type: str = "A", **more: Any) -> dict[str, Any]:
    given: dict[str, Any] = {"Name": f"{name}.hello.test", "Type": type, **more}
    if "AliasTarget" not in more:
        given |= {"TTL": 60, "ResourceRecords": [{"Value": value} for value in values or ("192.0.2.1",)]}
    return given


def carried(*batch: tuple[str, dict[str, Any]], existing: tuple[RecordSet, ...] = ()) -> list[changes.Change]:
    asked = changes.read_all(ZONE, [{"Action": action, "ResourceRecordSet": each} for action, each in batch])
    there = [*own_records(ZONE), *existing]
    return changes.carry_out(ZONE, asked, lambda name: [each for each in there if each.name == name])


def refusal(*batch: tuple[str, dict[str, Any]]) -> str:
    with pytest.raises((InvalidInput, InvalidChangeBatch)) as raised:
        carried(*batch)
    return raised.value.message


GOOD = [
    ("A", "192.0.2.1"),
    ("AAAA", "2001:db8::1"),
    ("CAA", '0 issue "letsencrypt.org; validationmethods=dns-01"'),
    ("CNAME", "www.example.com"),
    ("DS", "60485 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118"),
    ("HTTPS", "1 . alpn=h3,h2 port=8443"),
    ("HTTPS", "0 www.example.com."),
    ("MX", "10 mail.example.com."),
    ("NAPTR", '100 50 "u" "sip+E2U" "!^.*$!sip:info@example.com!" .'),
    ("NS", "ns1.example.com."),
    ("PTR", "host.example.com"),
    ("SPF", '"v=spf1 -all"'),
    ("SRV", "1 2 443 web.example.com."),
    ("SSHFP", "1 1 dd465c09cfa51fb45020cc83316fff21b9ec74ac"),
    ("SVCB", "1 svc.example.com. port=1234"),
    ("TLSA", "3 1 1 0d6fce3a2b4bd7d1b51d6f4b3f2dbb1d2a7f6c8e9f0a1b2c3d4e5f60718293a4"),
    ("TXT", '"one" "two words" "a \\" quote \\\\ and \\101"'),
    ("TXT", '"' + "x" * 255 + '"'),
]
BAD = [
    ("A", "192.0.2.256", "ARRDATAIllegalIPv4Address"),
    ("A", "::1", "ARRDATAIllegalIPv4Address"),
    ("AAAA", "192.0.2.1", "AAAARRDATAIllegalIPv6Address"),
    ("AAAA", "fe80::1%eth0", "AAAARRDATAIllegalIPv6Address"),
    ("CAA", "0 issue", "CAARRDATANotThreeFields"),
    ("CAA", '999 issue "a"', "CAARRDATAInvalidFlags"),
    ("CAA", '0 is-sue "a"', "CAARRDATAInvalidTag"),
    ("CAA", "0 issue letsencrypt.org", "CAARRDATAInvalidValue"),
    ("CNAME", "two names", "UnsupportedCharacter"),
    ("CNAME", "a..b", "DomainLabelEmpty (Domain label is empty)"),
    ("NS", "x" * 64 + ".test", "DomainLabelTooLong (Domain label is too long)"),
    ("PTR", ".".join(["x" * 60] * 5), "DomainNameTooLong (Domain name is too long)"),
    ("DS", "1 2", "DSRRDATAIllegal"),
    ("HTTPS", "one .", "HTTPSRRDATAIllegal"),
    ("MX", "mail.example.com", "MXRRDATANotTwoFields (MX record doesn't have 2 fields)"),
    ("MX", "70000 mail.example.com", "MXRRDATAIllegal"),
    ("NAPTR", "100 50", "NAPTRRRDATAIllegal"),
    ("SRV", "1 2 443", "SRVRRDATANotFourFields (SRV record doesn't have 4 fields)"),
    ("SSHFP", "1 1 zz", "SSHFPRRDATAIllegal"),
    ("TLSA", "3 1", "TLSARRDATAIllegal"),
    ("TXT", "bare", "InvalidCharacterString (Value should be enclosed in quotation marks)"),
    ("TXT", '"one" two "three"', "InvalidCharacterString (Value should be enclosed in quotation marks)"),
    ("TXT", '"' + "x" * 256 + '"', "CharacterStringTooLong (Value is too long)"),
]


@pytest.mark.parametrize(("type", "value"), GOOD)
def test_every_type_of_record_has_values(type: str, value: str) -> None:
    assert value_problem(type, value) is None
    data = dns.rdata(dns.type_number(type), value)
    again = dns.rdata(dns.type_number(type), dns.rdata_text(dns.type_number(type), data))
    assert again == data


@pytest.mark.parametrize(("type", "value", "words"), BAD)
def test_what_is_no_value_of_its_type(type: str, value: str, words: str) -> None:
    told = value_problem(type, value)
    assert told is not None
    assert told.startswith(f"FATAL problem: {words}")


@given(st.sampled_from(sorted({pair[0] for pair in GOOD})), st.text(max_size=300))
def test_no_value_breaks_the_check(type: str, value: str) -> None:
    if value_problem(type, value) is None:
        assert dns.rdata(dns.type_number(type), value)


@given(st.text(max_size=300))
def test_a_name_without_a_problem_can_be_in_dns(name: str) -> None:
    if name_problem(name) is None:
        assert dns.name_wire(dns.normal(name))


def test_all_that_is_wrong_with_a_batch_is_said() -> None:
    said = refusal(
        ("CREATE", record("a", "192.0.2.256")),
        ("CREATE", record("b", "192.0.2.1", "192.0.2.1")),
        ("DELETE", record("gone")),
        ("CREATE", {**record("c"), "Name": "elsewhere.test"}),
        ("CREATE", record("d", "one.test", "two.test", type="CNAME")),
    )
    assert said == (
        "[Invalid Resource Record: 'FATAL problem: ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address) "
        "encountered with '192.0.2.256'', "
        "Duplicate Resource Record: '192.0.2.1', "
        "Tried to delete resource record set [name='gone.hello.test.', type='A'] but it was not found, "
        "RRSet with DNS name elsewhere.test. is not permitted in zone hello.test., "
        "RRSet of type CNAME with DNS name d.hello.test. has more than one record.]"
    )


def test_fields_that_contradict_each_other_are_all_said() -> None:
    alias = {"HostedZoneId": "Z1", "DNSName": "b.hello.test", "EvaluateTargetHealth": False}
    both = {**record("a"), "AliasTarget": alias}
    said = refusal(("CREATE", both), ("UPSERT", record("b", Weight=1)))
    assert said == (
        "Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or "
        "TrafficPolicyInstanceId], but found more than one in Change with "
        "[Action=CREATE, Name=a.hello.test, Type=A, SetIdentifier=null], "
        "Missing field 'SetIdentifier' in Change with "
        "[Action=UPSERT, Name=b.hello.test, Type=A, SetIdentifier=null]"
    )


@pytest.mark.parametrize(
    ("first", "second", "good"),
    [("DELETE", "CREATE", True), ("DELETE", "UPSERT", True), ("DELETE", "DELETE", False), ("UPSERT", "UPSERT", False)],
)
def test_a_record_set_is_touched_twice_only_to_be_made_anew(first: str, second: str, good: bool) -> None:
    there = RecordSet("Z1", "a.hello.test.", "A", ttl=60, values=("192.0.2.1",))
    batch = ((first, record("a")), (second, record("a", *(["192.0.2.2"] if second != "DELETE" else []))))
    if good:
        assert [(action, each.values) for action, each in carried(*batch, existing=(there,))] == [
            ("UPSERT", ("192.0.2.2",))
        ]
        return
    with pytest.raises(InvalidChangeBatch, match="an invalid set of changes for a resource record set 'A a"):
        carried(*batch, existing=(there,))


def test_a_batch_has_its_limits() -> None:
    many = [f"10.0.{number // 250}.{number % 250}" for number in range(501)]
    assert "Number of records limit of 1000 exceeded." in refusal(("UPSERT", record("a", *many)))
    assert len(carried(("CREATE", record("a", *many)))) == 1
    long = ['"' + f"{number:03}" + "x" * 250 + '"' for number in range(130)]
    assert "Number of characters limit of 32000" in refusal(("CREATE", record("a", *long, type="TXT")))


def test_an_alias_of_a_distribution_cannot_evaluate() -> None:
    alias = {"HostedZoneId": "Z2FDTNDATAQYW2", "DNSName": "d1.cloudfront.net", "EvaluateTargetHealth": True}
    assert "EvaluateTargetHealth cannot be true" in refusal(("CREATE", record("a", AliasTarget=alias)))
    assert carried(("CREATE", record("a", AliasTarget={**alias, "EvaluateTargetHealth": False})))


@pytest.mark.parametrize(
    "geo", [{"CountryCode": "XX"}, {"CountryCode": "US", "SubdivisionCode": "ZZ"}, {"ContinentCode": "XX"}]
)
def test_only_places_that_exist(geo: dict[str, str]) -> None:
    said = refusal(("CREATE", record("a", SetIdentifier="s", GeoLocation=geo)))
    assert "there is no geographic location" in said


def test_a_deletion_must_name_the_routing_too() -> None:
    there = RecordSet("Z1", "a.hello.test.", "A", ttl=60, values=("192.0.2.1",), set_identifier="s", weight=5)
    batch = ("DELETE", record("a", SetIdentifier="s", Weight=6))
    with pytest.raises(InvalidChangeBatch, match="do not match the current values"):
        carried(batch, existing=(there,))
    assert carried(("DELETE", record("a", SetIdentifier="s", Weight=5)), existing=(there,))
