"""Whatever is sent to the name server, it answers shortly, correctly or not at all: it never fails and never amplifies.

Three ways to be odd: any bytes, good questions with bytes replaced, questions of any name and type with any options.
What it answers is read by dnspython. PANREGION_FUZZ_EXAMPLES says how many of each (150 unless told).
"""

import os

import dns.edns
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panregion.edge.log import Ring
from panregion.edge.server import Desk
from panregion.world import SystemClock
from tests.edge.support import MAP, Lab, alias, record

EXAMPLES = int(os.environ.get("PANREGION_FUZZ_EXAMPLES", "150"))
bounded = settings(
    max_examples=EXAMPLES, deadline=None, database=None, derandomize="PANREGION_FUZZ_EXAMPLES" not in os.environ
)

REGIONS = ("us-east-1", "eu-west-1", "ap-southeast-2")
LAB = Lab(
    *[record("api", f"127.0.{n}.1", set_identifier=region, region=region) for n, region in enumerate(REGIONS, 1)],
    *[record("many", f"192.0.2.{n}", set_identifier=str(n), multivalue=True) for n in range(20)],
    *[record("w", f"192.0.2.{n}", set_identifier=str(n), weight=n) for n in range(3)],
    record("long", " ".join(f'"{"x" * 200}{n}"' for n in range(20)), "TXT"),
    record("loop", "loop2.hello.test", "CNAME"),
    record("loop2", "loop.hello.test", "CNAME"),
    record("out", "api.execute-api.eu-west-1.amazonaws.com", "CNAME"),
    record("sub", "ns.elsewhere.test", "NS"),
    record("*.wild", "192.0.2.7"),
    record("caa", '0 issue "ca.test"', "CAA"),
    record("svc", "1 . alpn=h2", "HTTPS"),
    alias("self", "self.hello.test", evaluate=True),
    alias("ping", "pong.hello.test", evaluate=True, set_identifier="a", failover="PRIMARY"),
    alias("pong", "ping.hello.test", evaluate=True),
)
DESK = Desk(LAB.resolver, MAP, SystemClock(), Ring())
NAMES = ("", "api", "many", "w", "long", "loop", "out", "x.sub", "a.wild", "caa", "svc", "self", "ping", "none")

labels = st.binary(min_size=1, max_size=63)
names = st.sampled_from(NAMES).map(lambda name: dns.name.from_text(f"{name}.hello.test" if name else "hello.test"))
any_names = st.lists(labels, max_size=3).map(lambda labels: dns.name.Name([*labels, b"hello", b"test", b""]))
subnets = st.builds(
    lambda octets, bits: dns.edns.ECSOption(".".join(map(str, octets)), bits),
    st.tuples(*[st.integers(0, 255)] * 4),
    st.integers(0, 32),
)


@st.composite
def questions(draw: st.DrawFn) -> dns.message.QueryMessage:
    kind = dns.rdatatype.RdataType.make(draw(st.integers(1, 65535)))
    class_ = draw(st.sampled_from(["IN", "ANY", "CH"]))
    asked = dns.message.make_query(draw(names | any_names), dns.rdatatype.to_text(kind), class_)
    if draw(st.booleans()):
        options: list[dns.edns.Option] = [*draw(st.lists(subnets, max_size=1))]
        asked.use_edns(draw(st.sampled_from([0, 0, 0, 1])), payload=draw(st.integers(0, 65535)), options=options)
    return asked


def replaced(data: bytes, at: int, piece: bytes) -> bytes:
    at %= len(data) + 1
    return data[:at] + piece + data[at + len(piece) :]


def check(data: bytes, answered: bytes | None, limit: int = 1232) -> None:
    """An answer is a message that dnspython reads, with the question's id, and no longer than it may be."""
    if answered is None:
        return
    assert len(answered) <= limit
    assert answered[:2] == data[:2]
    read = dns.message.from_wire(answered, ignore_trailing=False)
    assert read.flags & dns.flags.QR
    if read.flags & dns.flags.TC:
        assert not read.answer
        assert len(answered) <= len(data) + 11, "what does not fit is as short as the question"


@given(st.binary(max_size=600))
@bounded
def test_any_bytes(data: bytes) -> None:
    answered = DESK.datagram(data, "127.0.0.1")
    check(data, answered)
    over_tcp = DESK.message(data, "127.0.0.1")
    assert (answered is None) == (over_tcp is None)


@given(questions(), st.integers(0, 200), st.binary(min_size=1, max_size=8))
@bounded
def test_good_questions_with_bytes_replaced(asked: dns.message.QueryMessage, at: int, piece: bytes) -> None:
    data = replaced(asked.to_wire(), at, piece)
    check(data, DESK.datagram(data, "127.0.0.1"))


@given(questions())
@bounded
def test_any_question(asked: dns.message.QueryMessage) -> None:
    data = asked.to_wire()
    answered = DESK.datagram(data, "127.0.0.1")
    assert answered is not None
    limit = max(512, min(asked.payload, 1232)) if asked.edns >= 0 else 512
    check(data, answered, limit)
    read = dns.message.from_wire(answered)
    if len(answered) > 12:
        assert read.question == asked.question, "the question comes back as it was spelt"


@given(st.sampled_from(NAMES), st.sampled_from(["ANY", "AXFR", "IXFR", "MAILA", "MAILB"]))
@bounded
def test_what_asks_for_everything_is_refused(name: str, kind: str) -> None:
    asked = dns.message.make_query(f"{name}.hello.test" if name else "hello.test", kind)
    asked.use_edns(0, payload=4096)
    data = asked.to_wire()
    answered = DESK.datagram(data, "127.0.0.1")
    assert answered is not None
    assert dns.message.from_wire(answered).rcode() == dns.rcode.REFUSED
    assert len(answered) <= len(data)


def test_circles_of_aliases_end() -> None:
    for name in ("self", "ping", "pong", "loop"):
        assert LAB.ask(f"{name}.hello.test").rcode in (0, 2)


@pytest.mark.parametrize("size", [0, 1, 11, 12, 13])
def test_short_messages(size: int) -> None:
    data = bytes([0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0])[:size]
    check(data, DESK.datagram(data, "127.0.0.1"))
