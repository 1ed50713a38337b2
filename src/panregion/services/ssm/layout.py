"""Where Parameter Store keeps things. All keys begin with "ssm".

("version", name, n)    -> Version     the last one is the parameter
("tags", name)          -> {key: value}
"""

from collections.abc import Iterator

import msgspec

from panregion.services.ssm.model import Version
from panregion.store import Transaction

_decode = msgspec.msgpack.Decoder(Version).decode


def versions(tx: Transaction, name: str, *, reverse: bool = False) -> Iterator[Version]:
    for data in tx.values(("ssm", "version", name), reverse=reverse):
        yield _decode(data)


def latest(tx: Transaction, name: str) -> Version | None:
    return next(versions(tx, name, reverse=True), None)


def put(tx: Transaction, version: Version) -> None:
    tx.put(("ssm", "version", version.name, version.version), msgspec.msgpack.encode(version))


def delete_version(tx: Transaction, version: Version) -> None:
    tx.delete(("ssm", "version", version.name, version.version))


def delete(tx: Transaction, name: str) -> None:
    for version in list(versions(tx, name)):
        delete_version(tx, version)
    tx.delete(("ssm", "tags", name))


def all_latest(tx: Transaction) -> Iterator[Version]:
    """Every parameter's last version, by name."""
    last: Version | None = None
    for data in tx.values(("ssm", "version")):
        version = _decode(data)
        if last is not None and last.name != version.name:
            yield last
        last = version
    if last is not None:
        yield last


def tags(tx: Transaction, name: str) -> dict[str, str]:
    data = tx.get(("ssm", "tags", name))
    return {} if data is None else msgspec.msgpack.decode(data, type=dict[str, str])


def put_tags(tx: Transaction, name: str, new: dict[str, str]) -> None:
    tx.put(("ssm", "tags", name), msgspec.msgpack.encode(new))
