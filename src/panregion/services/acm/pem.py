"""Certificates that others issued, read from their PEM form. Pure."""

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from panregion.services.acm.errors import InvalidParameterException, ValidationException
from panregion.services.acm.model import Certificate, serial_text


def imported(arn: str, pem: bytes, key: bytes, chain: bytes | None, now: float) -> Certificate:
    """A certificate from its PEM form. Raises ValidationException where it, or its key, is none."""
    try:
        parsed = x509.load_pem_x509_certificate(pem)
    except ValueError as error:
        raise ValidationException("Could not parse the certificate: it must be in PEM format") from error
    try:
        private = load_pem_private_key(key, None)
    except (ValueError, TypeError) as error:
        raise ValidationException(
            "Could not parse the private key: it must be unencrypted and in PEM format"
        ) from error
    if private.public_key() != parsed.public_key():
        raise ValidationException("The private key does not match the certificate")
    common = [str(name.value) for name in parsed.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)]
    names = list(dict.fromkeys([*common, *_alternatives(parsed)]))
    if not names:
        raise ValidationException("The certificate names no domain")
    algorithm = parsed.signature_hash_algorithm
    return Certificate(
        arn=arn,
        domain=names[0],
        names=names,
        type="IMPORTED",
        key_algorithm=_key_algorithm(parsed),
        created_at=now,
        not_before=parsed.not_valid_before_utc.timestamp(),
        not_after=parsed.not_valid_after_utc.timestamp(),
        serial=serial_text(parsed.serial_number),
        subject=parsed.subject.rfc4514_string(),
        issuer=parsed.issuer.rfc4514_string(),
        signature_algorithm=f"{algorithm.name.upper()}WITH{_key_algorithm(parsed)[:3].rstrip('_')}"
        if algorithm
        else "",
        pem=pem.decode(),
        chain=chain.decode() if chain else None,
    )


def _alternatives(parsed: x509.Certificate) -> list[str]:
    try:
        found = parsed.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return []
    return found.value.get_values_for_type(x509.DNSName)


def _key_algorithm(parsed: x509.Certificate) -> str:
    key = parsed.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        return f"RSA_{key.key_size}"
    if isinstance(key, ec.EllipticCurvePublicKey):
        return {"secp256r1": "EC_prime256v1"}.get(key.curve.name, f"EC_{key.curve.name}")
    raise InvalidParameterException("The certificate's key algorithm is not supported")
