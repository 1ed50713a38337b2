"""When items expire, kept beside them in order of time. What is done about it is in `expiry.py`."""

from panregion.languages.dynamodb import Item
from panregion.services.dynamodb import layout
from panregion.store import Key, Transaction

LATEST = 1 << 40


def moment(item: Item | None, attribute: str) -> int | None:
    """The epoch second at which an item expires: only a number says so."""
    value = item.get(attribute) if item is not None else None
    if value is None or "N" not in value:
        return None
    when = float(value["N"])
    return int(when) if 0 < when < LATEST else None


def entry_key(key: Key, when: int) -> Key:
    """Where the moment of the item at `key` is kept."""
    return (layout.EXPIRIES, key[1], when, *key[2:])


def follow(tx: Transaction, attribute: str, key: Key, old: Item | None, new: Item | None) -> None:
    """Bring what is kept from the old item to the new one."""
    before, after = moment(old, attribute), moment(new, attribute)
    if before == after:
        return
    if before is not None:
        tx.delete(entry_key(key, before))
    if after is not None:
        tx.put(entry_key(key, after), b"")
