"""DNS messages, against dnspython as the other side."""

import dns.edns
import dns.exception
import dns.flags
import dns.message
import dns.rcode
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panregion.wire import dns as wire


def query(name: str, type: str = "A", subnet: str | None = None, payload: int | None = None) -> bytes:
    options = [dns.edns.ECSOption.from_text(subnet)] if subnet else []
    edns = 0 if subnet or payload else None
    message = dns.message.make_query(name, type, use_edns=edns, payload=payload or 1232, options=options)
    return message.to_wire()


def test_a_question_keeps_its_spelling_and_is_understood_in_lower_case() -> None:
    question = wire.parse(query("WwW.ExAmPlE.com", "AAAA"))
    assert (question.name, wire.type_name(question.type)) == ("www.example.com.", "AAAA")
    answered = dns.message.from_wire(wire.encode(question, wire.Answer()))
    assert answered.question[0].name.to_text() == "WwW.ExAmPlE.com."


def test_client_subnet_is_read_and_sent_back_with_its_scope() -> None:
    question = wire.parse(query("a.test", subnet="198.18.7.0/24"))
    assert question.edns is not None
    assert question.edns.subnet is not None
    assert (str(question.edns.subnet.address), question.edns.subnet.bits) == ("198.18.7.0", 24)
    answered = dns.message.from_wire(wire.encode(question, wire.Answer(scope=24)))
    assert [option.to_text() for option in answered.options] == ["ECS 198.18.7.0/24 scope/24"]


@pytest.mark.parametrize(
    ("type", "text"),
    [
        ("A", "192.0.2.1"),
        ("AAAA", "2001:db8::1"),
        ("CNAME", "b.test."),
        ("MX", "10 mail.test."),
        ("TXT", '"hello" "world"'),
        ("SRV", "1 2 443 b.test."),
        ("CAA", '0 issue "ca.test"'),
        ("SOA", "ns.test. admin.test. 1 7200 900 1209600 86400"),
        ("HTTPS", '1 . alpn="h2"'),
        ("DS", "12345 13 2 " + "AB" * 32),
        ("NAPTR", '100 50 "s" "http" "" _http._tcp.test.'),
    ],
)
def test_records_of_every_kind_arrive(type: str, text: str) -> None:
    number = wire.type_number(type)
    question = wire.parse(query("a.test", type))
    record = wire.Record("a.test.", number, 60, wire.rdata(number, text))
    answered = dns.message.from_wire(wire.encode(question, wire.Answer(records=[record])))
    assert answered.flags & dns.flags.AA
    (rrset,) = answered.answer
    assert (rrset.ttl, rrset[0].to_text().lower()) == (60, text.lower())
    assert wire.rdata_text(number, record.data).lower() == text.lower()


def test_a_wrong_value_says_so() -> None:
    with pytest.raises(ValueError, match=r"syntax|illegal|Text input"):
        wire.rdata(wire.A, "300.1.1.1")


def test_too_long_an_answer_is_truncated_to_a_question() -> None:
    question = wire.parse(query("a.test", payload=700))
    records = [wire.Record("a.test.", wire.A, 60, bytes([10, 0, 0, n])) for n in range(100)]
    assert len(wire.encode(question, wire.Answer(records=records), question.udp_limit)) <= 700
    answered = dns.message.from_wire(wire.encode(question, wire.Answer(records=records), question.udp_limit))
    assert answered.flags & dns.flags.TC
    whole = dns.message.from_wire(wire.encode(question, wire.Answer(records=records)))
    assert len(whole.answer[0]) == 100


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("*.Example.com", "\\052.example.com."),
        ("\\052.example.com.", "\\052.example.com."),
        ("a_b-c.test", "a_b-c.test."),
        (".", "."),
        ("a@b.test.", "a\\100b.test."),
    ],
)
def test_names_are_kept_as_route_53_shows_them(name: str, kept: str) -> None:
    assert wire.normal(name) == kept


@pytest.mark.parametrize("name", ["a..b.test", "x" * 64 + ".test", ".".join(["abcdefg"] * 40)])
def test_what_is_no_name(name: str) -> None:
    with pytest.raises(ValueError, match="not a domain name"):
        wire.normal(name)


@pytest.mark.parametrize(
    ("data", "rcode"),
    [
        (b"\0\1\x80\0\0\1\0\0\0\0\0\0", None),
        (b"short", None),
        (b"\0\1\0\0\0\0\0\0\0\0\0\0", wire.FORMERR),
        (b"\0\1\x28\0\0\1\0\0\0\0\0\0\0\0\1\0\1", wire.NOTIMP),
        (b"\0\1\0\0\0\1\0\0\0\0\0\0\x3fabc", wire.FORMERR),
        (b"\0\1\0\0\0\1\0\0\0\0\0\0\0\0\1\0\3", wire.REFUSED),
    ],
)
def test_what_is_no_query(data: bytes, rcode: int | None) -> None:
    with pytest.raises(wire.Malformed) as raised:
        wire.parse(data)
    assert (raised.value.rcode if raised.value.id is not None else None) == rcode


@given(st.binary(max_size=80) | st.builds(lambda tail: query("a.test", subnet="10.0.0.0/8")[:20] + tail, st.binary()))
def test_no_bytes_break_the_parser(data: bytes) -> None:
    try:
        question = wire.parse(data)
    except wire.Malformed as error:
        failed = error
    else:
        dns.message.from_wire(wire.encode(question, wire.Answer()), ignore_trailing=True)
        return
    if failed.id is not None:
        assert len(wire.encode_failure(failed.id, failed.flags, failed.rcode)) <= len(data)


labels = st.lists(st.binary(min_size=1, max_size=20), max_size=6)


@given(labels)
def test_escaping_is_undone(labels: list[bytes]) -> None:
    assert wire.labels_of(wire.escape(labels)) == [label.lower() for label in labels]


@pytest.mark.parametrize(
    ("bits", "scope", "address", "good"),
    [
        (24, 0, b"\xc6\x12\x07", True),
        (0, 0, b"", True),
        (20, 0, b"\xc6\x12\x10", True),
        (20, 0, b"\xc6\x12\x17", False),
        (24, 24, b"\xc6\x12\x07", False),
        (24, 0, b"\xc6\x12\x07\x00", False),
        (24, 0, b"\xc6\x12", False),
        (33, 0, b"\xc6\x12\x07\x00\x00", False),
    ],
)
def test_a_client_subnet_is_as_rfc_7871_says_or_refused(bits: int, scope: int, address: bytes, good: bool) -> None:
    option = b"\0\x08" + (4 + len(address)).to_bytes(2) + b"\0\1" + bytes([bits, scope]) + address
    opt = b"\0" + b"\0\x29\4\xd0" + b"\0" * 4 + len(option).to_bytes(2) + option
    data = query("a.test", payload=1232)
    data = data[: -(1 + 10)] + opt
    if good:
        edns = wire.parse(data).edns
        assert edns is not None
        assert edns.subnet is not None
        assert edns.subnet.bits == bits
    else:
        with pytest.raises(wire.Malformed):
            wire.parse(data)


def test_that_the_asker_understands_dnssec_is_sent_back() -> None:
    asked = dns.message.make_query("a.test", "A", want_dnssec=True)
    answered = dns.message.from_wire(wire.encode(wire.parse(asked.to_wire()), wire.Answer()))
    assert answered.ednsflags & dns.flags.DO
    plain = dns.message.from_wire(wire.encode(wire.parse(query("a.test", payload=1232)), wire.Answer()))
    assert not plain.ednsflags & dns.flags.DO
