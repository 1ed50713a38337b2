"""What a certificate is, and how it is shown. Pure."""

import hashlib
from typing import Any

import msgspec

VALID_FOR_S = 13 * 30 * 86_400
"""Certificates that ACM issues are good for 13 months."""
TAGS_MAX = 50
TOKEN_KEPT_S = 3600.0


class Certificate(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One certificate. Its private key lies apart, with what servers present (services/certificates.py)."""

    arn: str
    domain: str
    names: list[str]
    type: str
    key_algorithm: str
    created_at: float
    not_before: float
    not_after: float
    serial: str
    subject: str
    issuer: str
    signature_algorithm: str
    validation_method: str = "DNS"
    validation_domains: dict[str, str] = {}
    options: dict[str, str] = {}
    tags: dict[str, str | None] = {}
    pem: str | None = None
    chain: str | None = None

    @property
    def imported(self) -> bool:
        return self.type == "IMPORTED"


def detail(certificate: Certificate, in_use_by: list[str]) -> dict[str, Any]:
    """As DescribeCertificate shows it."""
    moment = "ImportedAt" if certificate.imported else "IssuedAt"
    shown: dict[str, Any] = {
        "CertificateArn": certificate.arn,
        "DomainName": certificate.domain,
        "SubjectAlternativeNames": certificate.names,
        "Serial": certificate.serial,
        "Subject": certificate.subject,
        "Issuer": certificate.issuer,
        "CreatedAt": certificate.created_at,
        moment: certificate.created_at,
        "Status": "ISSUED",
        "NotBefore": certificate.not_before,
        "NotAfter": certificate.not_after,
        "KeyAlgorithm": certificate.key_algorithm,
        "SignatureAlgorithm": certificate.signature_algorithm,
        "InUseBy": in_use_by,
        "Type": certificate.type,
        "KeyUsages": [{"Name": "DIGITAL_SIGNATURE"}, {"Name": "KEY_ENCIPHERMENT"}],
        "ExtendedKeyUsages": [{"Name": "TLS_WEB_SERVER_AUTHENTICATION", "OID": "1.3.6.1.5.5.7.3.1"}],
        "RenewalEligibility": "ELIGIBLE" if in_use_by and not certificate.imported else "INELIGIBLE",
        "Options": certificate.options,
    }
    if not certificate.imported:
        shown["DomainValidationOptions"] = [validation(certificate, name) for name in certificate.names]
    return shown


def summary(certificate: Certificate, in_use: bool) -> dict[str, Any]:
    """As ListCertificates shows it."""
    shown = detail(certificate, [certificate.arn] if in_use else [])
    members = (
        *("CertificateArn", "DomainName", "Status", "Type", "RenewalEligibility", "NotBefore", "NotAfter"),
        *("CreatedAt", "IssuedAt", "ImportedAt", "KeyAlgorithm"),
    )
    return {
        **{member: shown[member] for member in members if member in shown},
        "SubjectAlternativeNameSummaries": certificate.names[:100],
        "HasAdditionalSubjectAlternativeNames": len(certificate.names) > 100,
        "KeyUsages": [usage["Name"] for usage in shown["KeyUsages"]],
        "ExtendedKeyUsages": [usage["Name"] for usage in shown["ExtendedKeyUsages"]],
        "InUse": in_use,
    }


def validation(certificate: Certificate, name: str) -> dict[str, Any]:
    """How a domain would be proven, and that it is. The same account and domain always give the same record."""
    shown: dict[str, Any] = {
        "DomainName": name,
        "ValidationDomain": certificate.validation_domains.get(name, name),
        "ValidationStatus": "SUCCESS",
        "ValidationMethod": certificate.validation_method,
    }
    if certificate.validation_method == "DNS":
        plain = name.removeprefix("*.")
        shown["ResourceRecord"] = {
            "Name": f"_{_digest(certificate.arn.split(':')[4], plain)}.{plain}.",
            "Type": "CNAME",
            "Value": f"_{_digest(plain, 'validation')}.{_digest('acm', plain)[:10]}.acm-validations.aws.",
        }
    return shown


def _digest(*parts: str) -> str:
    return hashlib.sha256("/".join(parts).encode()).hexdigest()[:32]


def names_of(domain: str, alternatives: list[str]) -> list[str]:
    """The domain and its alternatives, each once."""
    return list(dict.fromkeys(name.lower() for name in [domain, *alternatives]))


def serial_text(number: int) -> str:
    """Bytes in hexadecimal, parted by colons."""
    digits = f"{number:032x}"
    return ":".join(digits[at : at + 2] for at in range(0, len(digits), 2))
