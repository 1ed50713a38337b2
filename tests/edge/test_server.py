"""The name server over real sockets, asked by dnspython."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import dns.asyncquery
import dns.edns
import dns.flags
import dns.message
import dns.rcode
import pytest
from msgspec.structs import replace

from panregion.edge.log import Ring
from panregion.edge.server import KEPT_MAX, Desk, NameServer
from panregion.services.route53.model import Change
from panregion.wire import dns as wire
from panregion.world import SystemClock
from panregion.world.transport import connect_tcp
from tests.edge.support import MAP, Lab, alias, record

REGIONS = ("us-east-1", "eu-west-1", "ap-southeast-2")


@pytest.fixture
async def server() -> AsyncIterator[NameServer]:
    lab = Lab(
        *(
            record("api", f"127.0.{number}.1", set_identifier=region, region=region)
            for number, region in enumerate(REGIONS, 1)
        ),
        *(record("many", f"192.0.2.{n}", set_identifier=str(n), multivalue=True) for n in range(20)),
        record("long", " ".join(f'"{"x" * 200}{n}"' for n in range(10)), "TXT"),
    )
    server = NameServer(Desk(lab.resolver, MAP, SystemClock(), Ring()))
    await server.listen("127.0.0.1", 0)
    yield server
    server.close()


def question(name: str, type: str = "A", subnet: str = "", **more: object) -> dns.message.QueryMessage:
    options = [dns.edns.ECSOption.from_text(subnet)] if subnet else []
    return dns.message.make_query(name, type, use_edns=0 if subnet else None, options=options, **more)  # type: ignore[arg-type]


async def udp(server: NameServer, asked: dns.message.Message) -> dns.message.Message:
    return await dns.asyncquery.udp(asked, "127.0.0.1", port=server.port, timeout=5)


async def test_a_city_is_answered_by_its_subnet(server: NameServer) -> None:
    for city, address in (("new-york", "127.0.1.1"), ("london", "127.0.2.1"), ("sydney", "127.0.3.1")):
        number = MAP.place_number(city)
        answer = await udp(server, question("aPi.Hello.Test", subnet=f"198.18.{number}.0/24"))
        assert [each.to_text() for each in answer.answer[0]] == [address]
        assert answer.flags & dns.flags.AA
        assert answer.question[0].name.to_text() == "aPi.Hello.Test."
        (option,) = answer.options
        assert isinstance(option, dns.edns.ECSOption)
        assert (option.address, option.scopelen) == (f"198.18.{number}.0", 24)


async def test_errors_and_absences(server: NameServer) -> None:
    assert (await udp(server, question("other.test"))).rcode() == dns.rcode.REFUSED
    assert (await udp(server, question("api.hello.test", "ANY"))).rcode() == dns.rcode.REFUSED
    gone = await udp(server, question("gone.hello.test"))
    assert gone.rcode() == dns.rcode.NXDOMAIN
    assert gone.authority[0].rdtype == wire.SOA


async def test_a_long_answer_is_truncated_and_whole_over_tcp(server: NameServer) -> None:
    asked = question("long.hello.test", "TXT")
    assert (await udp(server, asked)).flags & dns.flags.TC
    whole, over_tcp = await dns.asyncquery.udp_with_fallback(asked, "127.0.0.1", port=server.port, timeout=5)
    assert over_tcp
    assert len(whole.answer[0][0].to_text()) > 2000
    few = await udp(server, question("many.hello.test"))
    assert len(few.answer[0]) == 8


async def test_many_questions_over_one_connection(server: NameServer) -> None:
    import asyncio

    received = bytearray()
    enough = asyncio.Event()

    class Client(asyncio.Protocol):
        def data_received(self, data: bytes) -> None:
            received.extend(data)
            if received.count(b"\x03api\x05hello") == 3:
                enough.set()

    transport, _ = await connect_tcp(Client, "127.0.0.1", server.port)
    message = question("api.hello.test").to_wire()
    framed = len(message).to_bytes(2) + message
    transport.write(framed[:5])
    transport.write(framed[5:] + framed * 2)
    await asyncio.wait_for(enough.wait(), 5)
    transport.close()


async def test_what_is_no_question_is_answered_shortly_or_not_at_all() -> None:
    lab = Lab()
    log = Ring()
    desk = Desk(lab.resolver, MAP, SystemClock(), log)
    assert desk.datagram(b"", "127.0.0.1") is None
    assert desk.datagram(b"\0\1\x84\0" + b"\0" * 8, "127.0.0.1") is None
    answered = desk.datagram(b"\0\1\1\0\0\2\0\0\0\0\0\0rubbish", "127.0.0.1")
    assert answered is not None
    assert len(answered) == 12
    assert dns.message.from_wire(answered).rcode() == dns.rcode.FORMERR
    newer = question("api.hello.test")
    newer.use_edns(edns=1)
    answered = desk.datagram(newer.to_wire(), "127.0.0.1")
    assert answered is not None
    assert dns.message.from_wire(answered).rcode() == dns.rcode.BADVERS
    assert log.after(0) == []


async def test_answers_are_logged_with_their_reasons() -> None:
    lab = Lab(record("api"))
    log = Ring()
    desk = Desk(lab.resolver, MAP, SystemClock(), log)
    number = MAP.place_number("tokyo")
    desk.datagram(question("api.hello.test", subnet=f"198.18.{number}.0/24").to_wire(), "127.0.0.1")
    (entry,) = log.after(0)
    assert {**entry, "time": 0} == {
        "number": 1,
        "time": 0,
        "from": "tokyo",
        "name": "api.hello.test.",
        "type": "A",
        "rcode": "NOERROR",
        "values": ["192.0.2.1"],
        "why": "the only record",
    }


class KeepingDesk:
    """A desk that keeps answers, and counts how often its resolver is asked."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.log = Ring()
        self.unhealthy_changes = 0
        self.asked = 0
        resolve = lab.resolver.resolve

        def counting(*args: Any) -> Any:
            self.asked += 1
            return resolve(*args)

        lab.resolver.resolve = counting  # type: ignore[method-assign, assignment]
        version = lambda: (lab.book.version, self.unhealthy_changes)  # noqa: E731
        self.desk = Desk(lab.resolver, MAP, SystemClock(), self.log, version)

    def ask(self, name: str, type: str = "A", source: str = "127.0.0.1", subnet: str = "") -> list[str]:
        asked = question(name, type, subnet)
        answered = self.desk.datagram(asked.to_wire(), source)
        assert answered is not None
        answer = dns.message.from_wire(answered)
        assert answer.id == asked.id
        assert answer.question == asked.question
        return sorted(each.to_text() for rrset in answer.answer for each in rrset)


def test_a_plain_answer_is_kept_until_something_changes() -> None:
    kept = KeepingDesk(
        Lab(
            record("api", health_check_id="h", set_identifier="a", failover="PRIMARY"),
            record("api", "192.0.2.2", set_identifier="b", failover="SECONDARY"),
        )
    )
    for _ in range(3):
        assert kept.ask("api.hello.test") == ["192.0.2.1"]
    assert kept.asked == 1
    assert [entry["values"] for entry in kept.log.after(0)] == [["192.0.2.1"]] * 3
    kept.ask("API.hello.test")
    assert kept.asked == 2, "another spelling is another answer"
    kept.lab.unhealthy.add("h")
    kept.unhealthy_changes += 1
    assert kept.ask("api.hello.test") == ["192.0.2.2"]
    kept.lab.unhealthy.clear()
    kept.unhealthy_changes += 1
    changed = record("api", "192.0.2.9", health_check_id="h", set_identifier="a", failover="PRIMARY")
    kept.lab.book.take(Change(record=changed))
    assert kept.ask("api.hello.test") == ["192.0.2.9"]
    kept.ask("nowhere.hello.test")
    before = kept.asked
    kept.ask("nowhere.hello.test")
    assert kept.asked == before, "that there is none is kept, too"


def test_each_asker_has_its_own_kept_answer() -> None:
    regions = [
        record("api", f"127.0.{number}.1", set_identifier=region, region=region)
        for number, region in enumerate(REGIONS, 1)
    ]
    kept = KeepingDesk(Lab(*regions))
    london, sydney = (f"198.18.{MAP.place_number(city)}.0/24" for city in ("london", "sydney"))
    for _ in range(2):
        assert kept.ask("api.hello.test", subnet=london) == ["127.0.2.1"]
        assert kept.ask("api.hello.test", subnet=sydney) == ["127.0.3.1"]
        assert kept.ask("api.hello.test", source="127.0.3.10") == ["127.0.3.1"]
        assert kept.ask("api.hello.test", source="127.0.2.10") == ["127.0.2.1"]
    assert kept.asked == 4


def test_what_hangs_on_chance_or_another_plane_is_not_kept() -> None:
    weighted = [record("w", f"192.0.2.{n}", set_identifier=str(n), weight=1) for n in range(2)]
    several = record("s", "192.0.2.1")
    several = replace(several, values=("192.0.2.1", "192.0.2.2"))
    evaluating = alias("e", "api.hello.test", evaluate=True, set_identifier="a", failover="PRIMARY")
    backup = record("e", set_identifier="b", failover="SECONDARY")
    kept = KeepingDesk(Lab(*weighted, several, evaluating, backup, record("api")))
    for name in ("w", "s", "e"):
        before = kept.asked
        for _ in range(5):
            kept.ask(f"{name}.hello.test")
        assert kept.asked == before + 5, name
    assert {tuple(kept.ask("w.hello.test")) for _ in range(40)} == {("192.0.2.0",), ("192.0.2.1",)}


def test_what_is_kept_is_bounded() -> None:
    kept = KeepingDesk(Lab(record("*")))
    for number in range(KEPT_MAX + 10):
        kept.ask(f"n{number}.hello.test")
    assert len(kept.desk._kept) <= KEPT_MAX  # what is measured is exactly this


async def test_who_asks_by_tcp_and_does_not_read_is_read_no_more(server: NameServer) -> None:
    wire_question = question("long.hello.test", "TXT").to_wire()
    piece = (len(wire_question).to_bytes(2) + wire_question) * 200
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.transport.pause_reading()  # type: ignore[attr-defined]
    sent = 0
    try:
        async with asyncio.timeout(2):
            while sent < 50_000_000:
                writer.write(piece)
                await writer.drain()
                sent += len(piece)
    except TimeoutError:
        assert sent < 50_000_000
    else:
        raise AssertionError("the server took questions without end whose answers nobody read")
    other = await dns.asyncquery.tcp(question("long.hello.test", "TXT"), "127.0.0.1", port=server.port, timeout=5)
    assert other.answer, "others are served all the while"
    writer.transport.abort()
    del reader
