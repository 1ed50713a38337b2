"""Where ACM keeps things; what servers present, with its key, lies in services/certificates.py.

("acm", "certificate", created at, arn)   -> Certificate, in the order in which they are listed
("acm", "place", arn)                     -> created at, the rest of that key
("acm", "token", token)                   -> (arn, when, what was asked): an idempotency token's request
"""

from collections.abc import Iterator

import msgspec

from panregion.services import certificates
from panregion.services.acm.errors import InvalidArnException, ResourceNotFoundException
from panregion.services.acm.model import Certificate
from panregion.store import Transaction


class Asked(msgspec.Struct, frozen=True):
    """A request that came with a token."""

    arn: str
    at: float
    names: list[str]


_certificates = msgspec.msgpack.Decoder(Certificate)
_asked = msgspec.msgpack.Decoder(Asked)


def put(tx: Transaction, certificate: Certificate) -> None:
    tx.put(("acm", "place", certificate.arn), msgspec.msgpack.encode(certificate.created_at))
    tx.put(("acm", "certificate", certificate.created_at, certificate.arn), msgspec.msgpack.encode(certificate))


def require(tx: Transaction, arn: str) -> Certificate:
    """The certificate of an ARN, or AWS's complaint."""
    if ":certificate/" not in arn:
        raise InvalidArnException(f"The ARN is not a certificate's: {arn}")
    created_at = tx.get(("acm", "place", arn))
    if created_at is None:
        raise ResourceNotFoundException(f"Could not find certificate {arn}.")
    found = tx.get(("acm", "certificate", msgspec.msgpack.decode(created_at, type=float), arn))
    assert found is not None, "a place leads to a certificate"
    return _certificates.decode(found)


def serve(tx: Transaction, certificate: Certificate, key: str) -> None:
    """Have the region's servers present it to whoever asks for one of its names."""
    chain = (certificate.pem or "") + (certificate.chain or "")
    served = certificates.Served(certificate.arn, certificate.created_at, chain, key)
    certificates.put(tx, certificate.names, served)


def delete(tx: Transaction, certificate: Certificate) -> None:
    certificates.delete(tx, certificate.names, certificate.arn)
    tx.delete(("acm", "place", certificate.arn))
    tx.delete(("acm", "certificate", certificate.created_at, certificate.arn))


def everything(tx: Transaction) -> Iterator[Certificate]:
    """All certificates, oldest first."""
    for _, value in tx.prefix(("acm", "certificate")):
        yield _certificates.decode(value)


def asked(tx: Transaction, token: str) -> Asked | None:
    found = tx.get(("acm", "token", token))
    return None if found is None else _asked.decode(found)


def put_asked(tx: Transaction, token: str, request: Asked, forget_before: float) -> None:
    """Keep a request's token, and forget those that are too old to count."""
    for key, value in list(tx.prefix(("acm", "token"))):
        if _asked.decode(value).at < forget_before:
            tx.delete(key)
    tx.put(("acm", "token", token), msgspec.msgpack.encode(request))
