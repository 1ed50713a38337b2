"""The name server over real sockets, asked by dnspython."""

from collections.abc import AsyncIterator

import dns.asyncquery
import dns.edns
import dns.flags
import dns.message
import dns.rcode
import pytest

from panregion.edge.log import Ring
from panregion.edge.server import Desk, NameServer
from panregion.wire import dns as wire
from panregion.world import SystemClock
from panregion.world.transport import connect_tcp
from tests.edge.support import MAP, Lab, record

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
    desk = Desk(lab.resolver, MAP, SystemClock(), Ring())
    assert desk.answer(b"", "127.0.0.1", over_tcp=False) is None
    assert desk.answer(b"\0\1\x84\0" + b"\0" * 8, "127.0.0.1", over_tcp=False) is None
    answered = desk.answer(b"\0\1\1\0\0\2\0\0\0\0\0\0rubbish", "127.0.0.1", over_tcp=False)
    assert answered is not None
    assert len(answered) == 12
    assert dns.message.from_wire(answered).rcode() == dns.rcode.FORMERR
    newer = question("api.hello.test")
    newer.use_edns(edns=1)
    answered = desk.answer(newer.to_wire(), "127.0.0.1", over_tcp=False)
    assert answered is not None
    assert dns.message.from_wire(answered).rcode() == dns.rcode.BADVERS
    assert desk.log.after(0) == []


async def test_answers_are_logged_with_their_reasons() -> None:
    lab = Lab(record("api"))
    desk = Desk(lab.resolver, MAP, SystemClock(), Ring())
    number = MAP.place_number("tokyo")
    desk.answer(question("api.hello.test", subnet=f"198.18.{number}.0/24").to_wire(), "127.0.0.1", over_tcp=False)
    (entry,) = desk.log.after(0)
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
