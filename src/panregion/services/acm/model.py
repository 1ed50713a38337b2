"""What a certificate is, and how it is shown. Pure."""

import hashlib
from typing import Any

import msgspec

VALID_FOR_S = 13 * 30 * 86_400
"""Certificates that ACM issues are good for 13 months."""
TAGS_MAX = 50
TOKEN_KEPT_S = 3600.0


class Certificate(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One certificate. `pem`, `chain` are there only if it was imported; its private key is not kept."""

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
    def serial_text(number: int) -> str:
    """Bytes in hexadecimal, parted by colons."""
    digits = f"{number:032x}"
    return ":".join(digits[at : at + 2] for at in range(0, len(digits), 2))
