"""Certificates that the world's authority issues, for those who keep them: ACM.

Servers that need a certificate only to present one have it made by `tls.py`; this is for certificates that have a
serial number, a key of a chosen kind and a time, and that somebody may look at.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from panregion.world.tls import CERTIFICATE, KEY, make_authority

RSA_EXPONENT = 65537
RSA_BITS = {"RSA_1024": 1024, "RSA_2048": 2048, "RSA_3072": 3072, "RSA_4096": 4096}


@dataclass(frozen=True)
class Issued:
    """A certificate with its chain and key, as PEM; the serial number; who signed it and how."""

    certificate: str
    chain: str
    key: str
    serial: int
    issuer: str
    signature_algorithm: str


def issue(folder: Path, names: list[str], algorithm: str, not_before: float, not_after: float) -> Issued:
    """A certificate for these names, with a new key of ACM's `algorithm`. It takes a tenth of a second or more.

    The authority is made where there is none. Raises ValueError for an algorithm that is not known,
    AuthorityDamaged.
    """
    from cryptography import x509  # on demand: it takes long to import
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    make_authority(folder)
    authority = x509.load_pem_x509_certificate((folder / CERTIFICATE).read_bytes())
    signer = serialization.load_pem_private_key((folder / KEY).read_bytes(), None)
    key = _new_key(algorithm)
    serial = x509.random_serial_number()
    usage = x509.KeyUsage(True, False, True, False, False, False, False, False, False)
    public: x509.CertificateBuilder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0][:64])]))
        .issuer_name(authority.subject)
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(datetime.fromtimestamp(not_before, UTC))
        .not_valid_after(datetime.fromtimestamp(not_after, UTC))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key()), critical=False)  # type: ignore[arg-type]
    )
    signed = public.sign(signer, hashes.SHA256())  # type: ignore[arg-type]
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    kind = "ECDSA" if isinstance(signer, ec.EllipticCurvePrivateKey) else "RSA"
    return Issued(
        certificate=signed.public_bytes(serialization.Encoding.PEM).decode(),
        chain=authority.public_bytes(serialization.Encoding.PEM).decode(),
        key=private.decode(),
        serial=serial,
        issuer=authority.subject.rfc4514_string(),
        signature_algorithm=f"SHA256WITH{kind}",
    )


def _new_key(algorithm: str):  # type: ignore[no-untyped-def]  # one of cryptography's many
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    if algorithm in RSA_BITS:
        return rsa.generate_private_key(RSA_EXPONENT, RSA_BITS[algorithm])
    curves: dict[str, ec.EllipticCurve] = {
        "EC_prime256v1": ec.SECP256R1(),
        "EC_secp384r1": ec.SECP384R1(),
        "EC_secp521r1": ec.SECP521R1(),
    }
    if algorithm not in curves:
        raise ValueError(f"{algorithm} is no algorithm of keys")
    return ec.generate_private_key(curves[algorithm])
