"""What a record's values and names may be, type by type, in AWS's words. Pure."""

import ipaddress
from collections.abc import Callable, Iterator

from panregion.services.route53.model import RecordSet
from panregion.wire import dns

SINGLE = frozenset({"CNAME", "SOA"})
"""Types of which a record set has one record."""
STRING_BYTES_MAX = 255
LABEL_BYTES_MAX, NAME_BYTES_MAX = 63, 255
FIELDS = {"MX": (2, "2"), "SRV": (4, "4"), "NAPTR": (6, "6"), "SOA": (7, "7"), "DS": (4, "4"), "SSHFP": (3, "3")}
"""How many fields a value has, as a number and as it is told."""


def value_problems(record: RecordSet) -> Iterator[str]:
    """What is wrong with the values of a record set."""
    for value in record.values:
        problem = value_problem(record.type, value)
        if problem:
            yield f"Invalid Resource Record: '{problem} encountered with '{value}''"
    if len(set(record.values)) != len(record.values):
        repeated = next(value for value in record.values if record.values.count(value) > 1)
        yield f"Duplicate Resource Record: '{repeated}'"
    if record.type in SINGLE and len(record.values) > 1:
        yield f"RRSet of type {record.type} with DNS name {record.name} has more than one record."


def value_problem(type: str, value: str) -> str | None:
    """AWS's words for one value that is not of its type, or None."""
    problem = _SPECIAL.get(type, _fields)(type, value)
    if problem is not None:
        return f"FATAL problem: {problem}"
    try:
        dns.rdata(dns.type_number(type), value)
    except ValueError:
        return f"FATAL problem: {type}RRDATAIllegal (Value is not a valid {type} record)"
    return None


def _address(type: str, value: str) -> str | None:
    version = 4 if type == "A" else 6
    try:
        good = ipaddress.ip_address(value).version == version and "%" not in value
    except ValueError:
        good = False
    return None if good else f"{type}RRDATAIllegalIPv{version}Address (Value is not a valid IPv{version} address)"


def _text(_type: str, value: str) -> str | None:
    """One or more strings in quotation marks."""
    if not (len(value) > 1 and value.startswith('"') and value.endswith('"')):
        return "InvalidCharacterString (Value should be enclosed in quotation marks)"
    try:
        strings = list(_strings(value))
    except ValueError:
        return "InvalidCharacterString (Value should be enclosed in quotation marks)"
    if any(size > STRING_BYTES_MAX for size in strings):
        return "CharacterStringTooLong (Value is too long)"
    return None


def _strings(value: str) -> Iterator[int]:
    """The lengths in bytes of the quoted strings in a value. Raises ValueError for anything else between them."""
    at = 0
    while at < len(value):
        if value[at] in " \t":
            at += 1
            continue
        if value[at] != '"':
            raise ValueError("not a quoted string")
        at, size = _string(value, at + 1)
        yield size


def _string(value: str, at: int) -> tuple[int, int]:
    """Where the string that begins at `at` is over, and its length in bytes; escapes are `\\"`, `\\\\` and `\\101`."""
    size = 0
    while at < len(value):
        if value[at] == '"':
            return at + 1, size
        if value[at] == "\\":
            at += 4 if value[at + 1 : at + 4].isdigit() else 2
            size += 1
        else:
            size += len(value[at].encode())
            at += 1
    raise ValueError("a string without end")


def _name(_type: str, value: str) -> str | None:
    """The one name that CNAME, NS and PTR records hold."""
    if " " in value.strip() or not value.strip():
        return "UnsupportedCharacter (Value contains unsupported characters)"
    return name_problem(value)


def name_problem(name: str) -> str | None:
    """What is wrong with a name, or None."""
    labels = name.removesuffix(".").split(".")
    if any(not label for label in labels):
        return "DomainLabelEmpty (Domain label is empty)"
    try:
        labels_on_wire = dns.labels_of_any_length(name)
    except ValueError:
        return "InvalidEscapeSequence (Value contains an invalid escape sequence)"
    if any(len(label) > LABEL_BYTES_MAX for label in labels_on_wire):
        return "DomainLabelTooLong (Domain label is too long)"
    if sum(map(len, labels_on_wire)) + len(labels_on_wire) + 1 > NAME_BYTES_MAX:
        return "DomainNameTooLong (Domain name is too long)"
    if any(character.isspace() or not character.isprintable() for character in name):
        return "UnsupportedCharacter (Value contains unsupported characters)"
    return None


def _fields(type: str, value: str) -> str | None:
    count, told = FIELDS.get(type, (0, ""))
    if count and len(value.split()) != count and type in ("MX", "SRV"):
        words = {"MX": "NotTwoFields", "SRV": "NotFourFields"}[type]
        return f"{type}RRDATA{words} ({type} record doesn't have {told} fields)"
    if count and type in ("NAPTR", "SOA") and len(value.split()) < count:
        return f"{type}RRDATAIllegal ({type} record doesn't have {told} fields)"
    return None


def _caa(_type: str, value: str) -> str | None:
    parts = value.split(maxsplit=2)
    if len(parts) != 3:
        return "CAARRDATANotThreeFields (CAA record doesn't have 3 fields)"
    flags, tag, quoted = parts
    if not flags.isdigit() or int(flags) > 255:
        return "CAARRDATAInvalidFlags (CAA flags is not a number from 0 to 255)"
    if not tag.isalnum() or not tag.isascii():
        return "CAARRDATAInvalidTag (CAA tag contains unsupported characters)"
    if not (quoted.startswith('"') and quoted.endswith('"') and len(quoted) > 1):
        return "CAARRDATAInvalidValue (CAA value should be enclosed in quotation marks)"
    return None


_SPECIAL: dict[str, Callable[[str, str], str | None]] = {
    **dict.fromkeys(("A", "AAAA"), _address),
    **dict.fromkeys(("TXT", "SPF"), _text),
    **dict.fromkeys(("CNAME", "NS", "PTR"), _name),
    "CAA": _caa,
}
