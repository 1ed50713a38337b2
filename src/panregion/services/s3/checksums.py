"""The checksums that S3 keeps beside an object: what the client sent is verified, what it did not is computed.

An object has at most one. An upload in parts has either the checksum of all bytes (FULL_OBJECT, joined from those
of the parts: possible for CRCs alone) or that of the parts' checksums with the number of parts (COMPOSITE).
"""

import base64
import hashlib
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from panregion.services.s3.crc import CRC32, CRC32C, CRC64NVME, Crc
from panregion.services.s3.errors import BadDigest, InvalidDigest, InvalidRequest, NotImplementedHere
from panregion.services.s3.model import Part

DEFAULT = "CRC64NVME"


@dataclass(frozen=True)
class Algorithm:
    """How one checksum is computed, and, for a CRC, how those of two pieces join."""

    digest: Callable[[bytes], bytes]
    crc: Crc | None = None


def _crc(crc: Crc, compute: Callable[[bytes], int] | None = None) -> Algorithm:
    of = compute or crc.of
    return Algorithm(lambda data: of(data).to_bytes(crc.width // 8, "big"), crc)


ALGORITHMS: Mapping[str, Algorithm] = {
    "CRC32": _crc(CRC32, zlib.crc32),
    "CRC32C": _crc(CRC32C),
    "CRC64NVME": _crc(CRC64NVME),
    "SHA1": Algorithm(lambda data: hashlib.sha1(data, usedforsecurity=False).digest()),
    "SHA256": Algorithm(lambda data: hashlib.sha256(data).digest()),
    "SHA512": Algorithm(lambda data: hashlib.sha512(data).digest()),
    "MD5": Algorithm(lambda data: hashlib.md5(data, usedforsecurity=False).digest()),
}
MEMBERS = tuple(f"Checksum{name}" for name in ALGORITHMS)
"""The members of requests and replies that carry a checksum."""


def by_member(checksums: Mapping[str, str]) -> dict[str, str]:
    """Checksums by AWS's member names."""
    return {f"Checksum{name}": value for name, value in checksums.items()}


def algorithm_named(name: str) -> Algorithm:
    """Raises NotImplementedHere for one that this world does not compute."""
    found = ALGORITHMS.get(name)
    if found is None:
        raise NotImplementedHere(f"panregion's s3 does not compute the checksum {name}; it has {', '.join(ALGORITHMS)}")
    return found


def md5_hex(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def check_md5(data_md5_hex: str, given: str | None) -> None:
    """Compare with a Content-MD5 header. Raises InvalidDigest, BadDigest."""
    if given is None:
        return
    try:
        raw = base64.b64decode(given, validate=True)
    except ValueError:
        raw = b""
    if len(raw) != 16:
        raise InvalidDigest("The Content-MD5 you specified was invalid", **{"Content-MD5": given})
    if raw.hex() != data_md5_hex:
        raise BadDigest("The Content-MD5 you specified did not match what we received.", ExpectedDigest=given)


def verified(data: bytes, given: Mapping[str, str], algorithm: str | None) -> dict[str, str]:
    """The checksum to keep, verified if the client gave it (by member name). Raises BadDigest, InvalidRequest."""
    if len(given) > 1:
        raise InvalidRequest("Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.")
    name = next(iter(given), "Checksum" + (algorithm or DEFAULT)).removeprefix("Checksum")
    computed = base64.b64encode(algorithm_named(name).digest(data)).decode()
    if given and given[f"Checksum{name}"] != computed:
        raise BadDigest(f"The {name} you specified did not match the calculated checksum.")
    return {name: computed}


def examined(
    data: bytes, given: Mapping[str, str], algorithm: str | None, md5: str | None = None
) -> tuple[str, dict[str, str]]:
    """Entity tag and checksum of the bytes, compared with what the client sent. Raises BadDigest, InvalidDigest."""
    etag = md5_hex(data)
    check_md5(etag, md5)
    return etag, verified(data, given, algorithm)


def of_parts(parts: list[Part], algorithm: str | None, kind: str | None) -> tuple[dict[str, str], str]:
    """The checksum of an object made of parts, and its type. Raises InvalidRequest."""
    name = algorithm or DEFAULT
    crc = algorithm_named(name).crc
    values = [base64.b64decode(part.checksums[name]) for part in parts]
    if (kind or default_type(name)) == "COMPOSITE":
        whole = base64.b64encode(ALGORITHMS[name].digest(b"".join(values))).decode()
        return {name: f"{whole}-{len(parts)}"}, "COMPOSITE"
    assert crc is not None, "check_type has refused it"
    register = 0
    for part, value in zip(parts, values, strict=True):
        register = crc.joined(register, int.from_bytes(value, "big"), part.size)
    return {name: base64.b64encode(register.to_bytes(crc.width // 8, "big")).decode()}, "FULL_OBJECT"


def default_type(algorithm: str | None) -> str:
    """The checksum type of an upload that does not name one."""
    return "FULL_OBJECT" if algorithm in (None, DEFAULT) else "COMPOSITE"


def check_type(algorithm: str | None, kind: str | None) -> None:
    """Whether an upload may have that type. Raises InvalidRequest."""
    if kind is not None and algorithm is None:
        raise InvalidRequest(
            "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header."
        )
    if algorithm is None:
        return
    crc = algorithm_named(algorithm).crc
    if (kind == "FULL_OBJECT" and crc is None) or (kind == "COMPOSITE" and algorithm == DEFAULT):
        raise InvalidRequest(
            f"The {kind} checksum type cannot be used with the {algorithm.lower()} checksum algorithm."
        )
