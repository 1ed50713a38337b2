"""Where EventBridge keeps things.

    ("events", "bus", name)            -> Bus
    ("events", "rule", bus, name)      -> Rule, its targets included
    ("events", "version", bus)         -> a digest of all changes of the bus's rules
    ("events", "ticked", bus, name)    -> which tick of a schedule was the last one done, epoch seconds

The default bus is there without being kept.
"""

from collections.abc import Iterator
from hashlib import sha256

import msgspec

from panregion.services.events.errors import no_bus, no_rule
from panregion.services.events.model import DEFAULT, Bus, Rule
from panregion.store import Transaction

_bus = msgspec.msgpack.Decoder(Bus)
_rule = msgspec.msgpack.Decoder(Rule)


def find_bus(tx: Transaction, name: str) -> Bus | None:
    raw = tx.get(("events", "bus", name))
    if raw is None:
        return Bus(name=DEFAULT, created_s=0.0, modified_s=0.0) if name == DEFAULT else None
    return _bus.decode(raw)


def require_bus(tx: Transaction, name: str) -> Bus:
    """Raises ResourceNotFoundException."""
    bus = find_bus(tx, name)
    if bus is None:
        raise no_bus(name)
    return bus


def put_bus(tx: Transaction, bus: Bus) -> None:
    tx.put(("events", "bus", bus.name), msgspec.msgpack.encode(bus))


def buses(tx: Transaction) -> list[Bus]:
    """All, by name."""
    kept = {bus.name: bus for bus in (_bus.decode(raw) for raw in tx.values(("events", "bus")))}
    default = find_bus(tx, DEFAULT)
    assert default is not None
    return [bus for _, bus in sorted({DEFAULT: default, **kept}.items())]


def find_rule(tx: Transaction, bus: str, name: str) -> Rule | None:
    raw = tx.get(("events", "rule", bus, name))
    return None if raw is None else _rule.decode(raw)


def require_rule(tx: Transaction, bus: str, name: str) -> Rule:
    """Raises ResourceNotFoundException."""
    require_bus(tx, bus)
    rule = find_rule(tx, bus, name)
    if rule is None:
        raise no_rule(name, bus)
    return rule


def rules(tx: Transaction, bus: str) -> Iterator[Rule]:
    return (_rule.decode(raw) for raw in tx.values(("events", "rule", bus)))


def put_rule(tx: Transaction, rule: Rule) -> None:
    raw = msgspec.msgpack.encode(rule)
    tx.put(("events", "rule", rule.bus, rule.name), raw)
    _changed(tx, rule.bus, raw)


def delete_rule(tx: Transaction, rule: Rule) -> None:
    tx.delete(("events", "rule", rule.bus, rule.name))
    _changed(tx, rule.bus, rule.name.encode())


def version(tx: Transaction, bus: str) -> bytes:
    """What a bus's index must have been made of. A digest, no count: a change whose transaction fails in the end must
    not have the version of another one."""
    return tx.get(("events", "version", bus)) or b""


def _changed(tx: Transaction, bus: str, by: bytes) -> None:
    tx.put(("events", "version", bus), sha256(version(tx, bus) + by).digest())
