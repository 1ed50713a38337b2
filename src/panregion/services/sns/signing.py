"""Signatures of what SNS sends, and the certificate by which receivers check them.

Every region makes itself a key when it first signs something and keeps it with its state. The certificate is served by
the region under the path that messages name, as AWS does.
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import sha256

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from panregion.services import Here

KEY = ("sns", "key")
KEY_BITS = 2048
VALID_DAYS = 3650
PATH_START, PATH_END = "/SimpleNotificationService-", ".pem"


class SigningKey(msgspec.Struct, frozen=True):
    private_pem: bytes
    certificate_pem: bytes

    @property
    def path(self) -> str:
        """Where the certificate is served."""
        return f"{PATH_START}{sha256(self.certificate_pem).hexdigest()[:32]}{PATH_END}"


_decode = msgspec.msgpack.Decoder(SigningKey).decode


def find_key(here: Here) -> SigningKey | None:
    raw = here.tx.get(KEY)
    return None if raw is None else _decode(raw)


def key_of(here: Here) -> SigningKey:
    """The region's key, made if there is none yet."""
    found = find_key(here)
    if found is None:
        found = make_key(f"sns.{here.region}.amazonaws.com", here.now(), here.world.chance.bytes(16))
        here.tx.put(KEY, msgspec.msgpack.encode(found))
    return found


def make_key(name: str, now: float, serial: bytes) -> SigningKey:
    private = rsa.generate_private_key(65537, KEY_BITS)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    begin = datetime.fromtimestamp(now, UTC) - timedelta(days=1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(private.public_key())
        .serial_number(int.from_bytes(serial, "big") >> 1 | 1)
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=VALID_DAYS))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(private, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private_pem = private.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return SigningKey(private_pem, certificate.public_bytes(pem))


def string_to_sign(message: dict[str, str]) -> bytes:
    """The members that are signed, in AWS's order, each its name and its value on lines of their own."""
    names = ["Message", "MessageId"]
    if message["Type"] == "Notification":
        names += ["Subject"] if message.get("Subject") is not None else []
        names += ["Timestamp", "TopicArn", "Type"]
    else:
        names += ["SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
    return "".join(f"{name}\n{message[name]}\n" for name in names).encode()


@lru_cache(8)
def _loaded(private_pem: bytes) -> rsa.RSAPrivateKey:
    key = serialization.load_pem_private_key(private_pem, None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


def sign(key: SigningKey, version: str, content: bytes) -> bytes:
    """Version 1 signs a SHA-1 digest, version 2 a SHA-256 one."""
    digest = hashes.SHA256() if version == "2" else hashes.SHA1()
    return _loaded(key.private_pem).sign(content, padding.PKCS1v15(), digest)
