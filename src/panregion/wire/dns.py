"""DNS messages: bytes to a question, an answer to bytes.

A name server reads one kind of message (a query with one question) and writes one kind (its answer), so both
are done by hand here with `struct`: about ten times as fast as a general library. What a record's text means
(`10 mail.example.com.` for MX, quoted strings for TXT, any of the seventeen types) is dnspython's to say, once
per text: `rdata` is cached.

Names are kept as Route 53 shows them: lower case, trailing dot, and every byte that is not a letter, digit,
hyphen or underscore as a backslash and three octal digits (`\\052.example.com.`). The question's own spelling
is sent back as it came, as resolvers that mix case (0x20) expect.
"""

import ipaddress
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import dns.exception
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

NOERROR, FORMERR, SERVFAIL, NXDOMAIN, NOTIMP, REFUSED, BADVERS = 0, 1, 2, 3, 4, 5, 16
RCODES = {
    NOERROR: "NOERROR",
    FORMERR: "FORMERR",
    SERVFAIL: "SERVFAIL",
    NXDOMAIN: "NXDOMAIN",
    NOTIMP: "NOTIMP",
    REFUSED: "REFUSED",
    BADVERS: "BADVERS",
}
IN, ANY, OPT, AXFR, IXFR = 1, 255, 41, 252, 251
A, NS, CNAME, SOA, AAAA, DS = 1, 2, 5, 6, 28, 43

HEADER = struct.Struct("!HHHHHH")
RECORD_TAIL = struct.Struct("!HHIH")
UDP_SIZE_MIN = 512
UDP_SIZE_MAX = 1232
"""The largest answer over UDP: what passes every network unfragmented (DNS flag day 2020)."""
CLIENT_SUBNET = 8
QR, AA, TC, RD = 0x8000, 0x0400, 0x0200, 0x0100
DO = 0x8000
"""Among EDNS's flags: the asker understands DNSSEC. It is sent back, as RFC 3225 demands, also by who has none."""

PLAIN = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789-_")


class Malformed(Exception):
    """The bytes are no query; `id` and `flags` are those of the header, where there was one."""

    def __init__(self, reason: str, id: int | None = None, flags: int = 0, rcode: int = FORMERR) -> None:
        super().__init__(reason)
        self.id = id
        self.flags = flags
        self.rcode = rcode


@dataclass(frozen=True, slots=True)
class Subnet:
    """EDNS client subnet (RFC 7871): whose question the resolver asks."""

    address: Address
    bits: int


@dataclass(frozen=True, slots=True)
class Edns:
    """What the asker says of itself beyond RFC 1035."""

    udp_size: int
    version: int
    wants_dnssec: bool
    subnet: Subnet | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A query. `wire` is the question section as it came."""

    id: int
    flags: int
    name: str
    type: int
    wire: bytes
    edns: Edns | None = None

    @property
    def udp_limit(self) -> int:
        """How long an answer over UDP may be."""
        asked = self.edns.udp_size if self.edns else UDP_SIZE_MIN
        return max(UDP_SIZE_MIN, min(asked, UDP_SIZE_MAX))


@dataclass(frozen=True, slots=True)
class Record:
    """One record of an answer."""

    name: str
    type: int
    ttl: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What a name server has to say. `scope` is how many bits of the client's subnet it hangs on."""

    rcode: int = NOERROR
    records: Sequence[Record] = ()
    authority: Sequence[Record] = ()
    authoritative: bool = True
    scope: int = 0


def escape(labels: Sequence[bytes]) -> str:
    """Labels as a name in Route 53's spelling."""
    return "".join(_escape_label(label) + "." for label in labels) or "."


@lru_cache(4096)
def _escape_label(label: bytes) -> str:
    lower = label.lower()
    if PLAIN.issuperset(lower):
        return lower.decode()
    return "".join(chr(byte) if byte in PLAIN else f"\\{byte:03o}" for byte in lower)


def labels_of_any_length(name: str) -> list[bytes]:
    """A name's labels, its octal (`\\052`) and plain characters undone. Raises ValueError for what is no escape."""
    return [_unescape_label(label) for label in name.removesuffix(".").split(".")] if name.strip(".") else []


def labels_of(name: str) -> list[bytes]:
    """The same of a name that can be in DNS. Raises ValueError."""
    labels = labels_of_any_length(name)
    if any(not 0 < len(label) < 64 for label in labels) or sum(map(len, labels)) + len(labels) > 254:
        raise ValueError(f"{name} is not a domain name")
    return labels


def _unescape_label(label: str) -> bytes:
    if "\\" not in label:
        return label.encode("utf-8")
    out = bytearray()
    at = 0
    while at < len(label):
        if label[at] == "\\":
            out.append(int(label[at + 1 : at + 4], 8) & 0xFF)
            at += 4
        else:
            out += label[at].encode("utf-8")
            at += 1
    return bytes(out)


def normal(name: str) -> str:
    """Any spelling of a name as Route 53 keeps it. Raises ValueError."""
    return escape(labels_of(name))


@lru_cache(8192)
def name_wire(name: str) -> bytes:
    """A name as bytes, uncompressed. Raises ValueError."""
    return b"".join(bytes([len(label)]) + label for label in labels_of(name)) + b"\0"


@lru_cache(8192)
def rdata(type: int, text: str) -> bytes:
    """A record's data from its text, in zone file syntax. Raises ValueError with what is wrong."""
    try:
        parsed = dns.rdata.from_text(
            dns.rdataclass.IN, dns.rdatatype.RdataType.make(type), text, origin=dns.name.root, relativize=False
        )
    except (dns.exception.DNSException, ValueError) as error:
        raise ValueError(str(error) or f"not a value of type {type_name(type)}") from error
    return parsed.to_wire(origin=dns.name.root) or b""


def rdata_text(type: int, data: bytes) -> str:
    """A record's data as text, in zone file syntax."""
    return dns.rdata.from_wire(dns.rdataclass.IN, dns.rdatatype.RdataType.make(type), data, 0, len(data)).to_text()


@lru_cache(256)
def type_number(name: str) -> int:
    """AAAA -> 28. Raises ValueError."""
    try:
        return int(dns.rdatatype.from_text(name))
    except dns.exception.DNSException as error:
        raise ValueError(f"{name} is not a record type") from error


@lru_cache(256)
def type_name(number: int) -> str:
    """28 -> AAAA."""
    return dns.rdatatype.to_text(dns.rdatatype.RdataType.make(number))


def parse(data: bytes) -> Question:
    """The query in a message. Raises Malformed."""
    if len(data) < HEADER.size:
        raise Malformed("shorter than a header")
    number, flags, questions, answers, authorities, additionals = HEADER.unpack_from(data)
    if flags & QR:
        raise Malformed("an answer, not a question")
    if flags >> 11 & 0xF:
        raise Malformed("not a standard query", number, flags, NOTIMP)
    if questions != 1 or answers or authorities:
        raise Malformed("a query has one question", number, flags)
    try:
        labels, at = _labels(data, HEADER.size)
        kind, class_ = struct.unpack_from("!HH", data, at)
        wire = data[HEADER.size : at + 4]
        edns = _edns(data, at + 4, additionals)
    except (IndexError, struct.error, ValueError) as error:
        raise Malformed("cut short", number, flags) from error
    if class_ not in (IN, ANY):
        raise Malformed("not the Internet class", number, flags, REFUSED)
    return Question(number, flags, escape(labels), kind, wire, edns)


def _labels(data: bytes, at: int) -> tuple[list[bytes], int]:
    """The labels of a question's name, which is never compressed, and where it ends."""
    labels = []
    start = at
    while length := data[at]:
        if length > 63 or at + 1 + length >= len(data) or at - start > 253:
            raise ValueError("not a label")
        labels.append(data[at + 1 : at + 1 + length])
        at += 1 + length
    return labels, at + 1


def _edns(data: bytes, at: int, additionals: int) -> Edns | None:
    found = None
    for _ in range(additionals):
        at = _skip_name(data, at)
        kind, size, ttl, length = RECORD_TAIL.unpack_from(data, at)
        at += RECORD_TAIL.size
        if at + length > len(data):
            raise ValueError("an additional record is cut short")
        if kind == OPT:
            if found is not None:
                raise ValueError("two OPT records")
            subnet = _subnet(data[at : at + length])
            found = Edns(size, ttl >> 16 & 0xFF, bool(ttl & DO), subnet)
        at += length
    return found


def _skip_name(data: bytes, at: int) -> int:
    while length := data[at]:
        if length >= 0xC0:
            return at + 2
        at += 1 + length
    return at + 1


def _subnet(options: bytes) -> Subnet | None:
    at = 0
    while at + 4 <= len(options):
        code, length = struct.unpack_from("!HH", options, at)
        at += 4
        if code == CLIENT_SUBNET:
            family, bits, scope = struct.unpack_from("!HBB", options, at)
            packed = options[at + 4 : at + length]
            size = {1: 4, 2: 16}[family] if family in (1, 2) else 0
            if not size or bits > size * 8 or scope or len(packed) != -(-bits // 8):
                raise ValueError("not a client subnet")
            address = ipaddress.ip_address(packed.ljust(size, b"\0"))
            if int(address) & ((1 << (size * 8 - bits)) - 1):
                raise ValueError("a client subnet with bits beyond its prefix")  # RFC 7871, 6
            return Subnet(address, bits)
        at += length
    return None


def encode(question: Question, answer: Answer, limit: int = 65535) -> bytes:
    """The answer as a message of at most `limit` bytes: with TC and no records where it would be longer."""
    whole = _message(question, answer, answer.records, answer.authority, 0)
    return whole if len(whole) <= limit else _message(question, answer, (), (), TC)


def encode_failure(id: int, flags: int, rcode: int) -> bytes:
    """What is said to a query that could not be read: a header alone, never longer than the question was."""
    return HEADER.pack(id, QR | (flags & (RD | 0x7800)) | rcode, 0, 0, 0, 0)


def _message(
    question: Question, answer: Answer, records: Sequence[Record], authority: Sequence[Record], truncated: int
) -> bytes:
    flags = QR | (question.flags & RD) | (AA if answer.authoritative else 0) | truncated | (answer.rcode & 0xF)
    opt = _opt(question.edns, answer) if question.edns else b""
    parts = [
        HEADER.pack(question.id, flags, 1, len(records), len(authority), 1 if opt else 0),
        question.wire,
        *_records(question, records),
        *_records(question, authority),
        opt,
    ]
    return b"".join(parts)


def _records(question: Question, records: Sequence[Record]) -> Iterator[bytes]:
    for record in records:
        yield b"\xc0\x0c" if record.name == question.name else name_wire(record.name)
        yield RECORD_TAIL.pack(record.type, IN, record.ttl, len(record.data))
        yield record.data


def _opt(edns: Edns, answer: Answer) -> bytes:
    options = b""
    if edns.subnet is not None:
        subnet = edns.subnet
        packed = subnet.address.packed[: -(-subnet.bits // 8)]
        body = struct.pack("!HBB", 1 if subnet.address.version == 4 else 2, subnet.bits, answer.scope) + packed
        options = struct.pack("!HH", CLIENT_SUBNET, len(body)) + body
    more = answer.rcode >> 4 << 24 | (DO if edns.wants_dnssec else 0)
    return b"\0" + RECORD_TAIL.pack(OPT, UDP_SIZE_MAX, more, len(options)) + options
