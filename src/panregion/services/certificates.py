"""The certificates that a region's servers present: ACM keeps them here, and the region's TLS port finds them by name.

("served-certificates", name, created at, arn) -> Served; the latest for a name counts
"""

import msgspec

from panregion.store import Transaction

SPACE = "served-certificates"


class Served(msgspec.Struct, frozen=True):
    """A certificate with its chain and its key, as PEM."""

    arn: str
    created_at: float
    chain: str
    key: str


def put(tx: Transaction, names: list[str], served: Served) -> None:
    """Have a certificate presented to whoever asks for one of its names."""
    for name in names:
        tx.put((SPACE, name.lower(), served.created_at, served.arn), msgspec.msgpack.encode(served))


def delete(tx: Transaction, names: list[str], arn: str) -> None:
    """No longer present a certificate."""
    for name in names:
        for key in [key for key, _ in tx.prefix((SPACE, name.lower())) if key[3] == arn]:
            tx.delete(key)


def find(tx: Transaction, name: str) -> Served | None:
    """The certificate for a name: the latest with that very name, else with a wildcard for it."""
    name = name.lower()
    for wanted in (name, f"*.{name.partition('.')[2]}"):
        found = [value for _, value in tx.prefix((SPACE, wanted))]
        if found:
            return msgspec.msgpack.decode(found[-1], type=Served)
    return None
