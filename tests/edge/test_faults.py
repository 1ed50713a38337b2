"""The edge's own faults: what is told is what is so, and a name server that is down keeps no answer and gives none."""

import msgspec
import pytest

from panregion.edge.cache import PlaceResolver
from panregion.edge.faults import EdgeFaults
from panregion.edge.log import Ring
from panregion.edge.server import Desk
from panregion.wire import dns
from panregion.world import ManualClock, SystemClock
from tests.edge.support import MAP, Lab, record

QUESTION = b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x03api\x05hello\x04test\x00\x00\x01\x00\x01"


def test_what_is_told_is_what_is_so() -> None:
    faults = EdgeFaults()
    assert (faults.name_server, faults.blind("eu-west-1"), faults.live) == (None, False, ())
    faults.set(b'[{"kind": "name-server-down", "how": "servfail"}, {"kind": "checkers-blind", "site": "eu-west-1"}]')
    assert str(faults.name_server) == "servfail"
    assert (faults.blind("eu-west-1"), faults.blind("us-east-1")) == (True, False)
    faults.set(b'[{"kind": "name-server-down", "how": "servfail"}, {"kind": "name-server-down"}]')
    assert str(faults.name_server) == "silent"
    faults.set(b'[{"kind": "checkers-blind", "site": "*"}]')
    assert faults.blind("anywhere")
    with pytest.raises(msgspec.DecodeError):
        faults.set(b'[{"kind": "flood"}]')
    assert faults.blind("anywhere")
    faults.set(b"[]")
    assert (faults.name_server, faults.blind("anywhere")) == (None, False)


def test_a_name_server_that_is_down() -> None:
    lab = Lab(record("api"))
    desk = Desk(lab.resolver, MAP, SystemClock(), Ring(), lambda: lab.resolver.down)
    before = desk.datagram(QUESTION, "127.0.0.1")
    assert before == desk.datagram(QUESTION, "127.0.0.1")  # kept as bytes
    lab.resolver.down = "silent"
    assert desk.datagram(QUESTION, "127.0.0.1") is None
    assert desk.message(QUESTION, "127.0.0.1") is None
    lab.resolver.down = "servfail"
    answer = desk.datagram(QUESTION, "127.0.0.1")
    assert answer is not None
    assert answer[3] & 0x0F == dns.SERVFAIL
    lab.resolver.down = None
    assert desk.datagram(QUESTION, "127.0.0.1") == before


async def test_a_citys_resolver_has_what_it_kept_and_nothing_more() -> None:
    lab, clock = Lab(record("api", ttl=60)), ManualClock()
    resolver = PlaceResolver(lab.resolver, MAP.asker("london"), clock)
    assert resolver.addresses("api.hello.test").addresses == ("192.0.2.1",)
    lab.resolver.down = "silent"
    assert resolver.addresses("api.hello.test").addresses == ("192.0.2.1",)
    await clock.advance(61)
    found = resolver.addresses("api.hello.test")
    assert (found.addresses, found.why) == ((), "the name server is down")
    lab.resolver.down = None
    assert resolver.addresses("api.hello.test").addresses == ("192.0.2.1",)
