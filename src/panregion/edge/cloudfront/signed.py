"""Signed URLs and signed cookies: whether a viewer may have what a behaviour gives to key holders only. Pure.

A request names a key of the behaviour's key groups and brings a signature over a policy: a custom one, which it
brings too, or the canned one, which says that this very URL may be had until a time. What signs is not part of what
the origin or the cache see. The forms are those of CloudFront's guide, "Serving private content".
"""

import base64
import binascii
import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from panregion.edge.cloudfront.messages import RequestHead
from panregion.edge.cloudfront.viewer_facts import Viewer

PARAMETERS = frozenset({"Expires", "Policy", "Signature", "Key-Pair-Id", "Hash-Algorithm"})
COOKIE_PREFIX = "CloudFront-"
TO_BASE64 = str.maketrans("-_~", "+=/")
POLICY_BYTES_MAX = 8192


class NotAllowed(Exception):
    """The viewer may not have it; `code` and the text are what it is told."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Claim:
    """What a request brings to be let in."""

    key_id: str
    signature: bytes
    policy: bytes
    algorithm: str


def unsigned_query(query: str) -> str:
    """The query string without what signs it."""
    return "&".join(part for part in query.split("&") if part and part.partition("=")[0] not in PARAMETERS)


def require_signature(head: RequestHead, viewer: Viewer, keys: Mapping[str, str], now: float) -> None:
    """Raise NotAllowed unless the request is signed by one of the keys (id -> PEM) and its policy lets it in."""
    url = _url(head, viewer)
    claim = _claim(head, url)
    key = keys.get(claim.key_id)
    if key is None:
        raise NotAllowed("InvalidKey", "Unknown Key")
    if not _is_signed(claim, key) or not allows(claim.policy, url, viewer.address, now):
        raise NotAllowed("AccessDenied", "Access denied")


def _url(head: RequestHead, viewer: Viewer) -> str:
    query = unsigned_query(head.query)
    return f"{viewer.scheme}://{head.host}{head.path}" + (f"?{query}" if query else "")


def _claim(head: RequestHead, url: str) -> Claim:
    given = _parameters(head)
    if "Key-Pair-Id" not in given:
        raise NotAllowed("MissingKey", "Missing Key-Pair-Id query parameter or cookie value")
    if "Signature" not in given:
        raise NotAllowed("MissingSignature", "Missing Signature query parameter or cookie value")
    signature = _decoded(given["Signature"], "MalformedSignature", "Could not unencode Signature")
    if "Policy" in given:
        policy = _decoded(given["Policy"], "MalformedPolicy", "Malformed Policy")
    elif "Expires" in given:
        if not given["Expires"].isascii() or not given["Expires"].isdigit() or len(given["Expires"]) > 15:
            raise NotAllowed("MalformedExpires", "Could not parse Expires")
        policy = canned_policy(url, int(given["Expires"]))
    else:
        raise NotAllowed("MissingPolicy", "Missing Policy or Expires query parameter or cookie value")
    return Claim(given["Key-Pair-Id"], signature, policy, given.get("Hash-Algorithm", "SHA1"))


def _parameters(head: RequestHead) -> dict[str, str]:
    """What signs, from the query string, or else from cookies."""
    pairs = (part.partition("=") for part in head.query.split("&"))
    found = {name: value for name, _, value in pairs if name in PARAMETERS}
    if "Key-Pair-Id" in found or "Signature" in found:
        return found
    cookies = (part.strip().partition("=") for part in head.by_name.get("cookie", "").split(";"))
    named = {name.removeprefix(COOKIE_PREFIX): value for name, _, value in cookies if name.startswith(COOKIE_PREFIX)}
    return {name: value for name, value in named.items() if name in PARAMETERS}


def _decoded(text: str, code: str, message: str) -> bytes:
    """Base64 in the letters that URLs leave alone. Raises NotAllowed."""
    try:
        if len(text) > POLICY_BYTES_MAX:
            raise ValueError
        return base64.b64decode(text.translate(TO_BASE64), validate=True)
    except (ValueError, binascii.Error) as error:
        raise NotAllowed(code, message) from error


def canned_policy(url: str, expires: int) -> bytes:
    """The policy that a canned signature is of."""
    return (
        f'{{"Statement":[{{"Resource":"{url}","Condition":{{"DateLessThan":{{"AWS:EpochTime":{expires}}}}}}}]}}'
    ).encode()


def _is_signed(claim: Claim, pem: str) -> bool:
    from cryptography.exceptions import InvalidSignature  # on demand: most edges verify nothing
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
    from cryptography.hazmat.primitives.hashes import SHA1, SHA256
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    algorithms = {"SHA1": SHA1(), "SHA256": SHA256()}  # SHA-1 is what AWS takes where none is named
    algorithm = algorithms.get(claim.algorithm)
    key = load_pem_public_key(pem.encode())
    if algorithm is None:
        return False
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(claim.signature, claim.policy, padding.PKCS1v15(), algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(claim.signature, claim.policy, ec.ECDSA(algorithm))
        else:
            return False
    except InvalidSignature:
        return False
    return True


def allows(policy: bytes, url: str, address: str, now: float) -> bool:
    """Whether a policy lets somebody at an address have a URL now. Raises NotAllowed for what is no policy."""
    malformed = NotAllowed("MalformedPolicy", "Malformed Policy")
    try:
        document = msgspec.json.decode(policy)
        (statement,) = document["Statement"]
        condition = statement["Condition"]
        until = condition["DateLessThan"]["AWS:EpochTime"]
        since = condition.get("DateGreaterThan", {}).get("AWS:EpochTime", 0)
        network = condition.get("IpAddress", {}).get("AWS:SourceIp", "0.0.0.0/0")
        resource = statement.get("Resource", "*")
        if not since <= now < until:
            return False
        return _is_in(address, network) and _is_resource(resource, url)
    except (msgspec.DecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise malformed from error


def _is_in(address: str, network: Any) -> bool:
    return ipaddress.ip_address(address) in ipaddress.ip_network(network, strict=False)


def _is_resource(pattern: str, url: str) -> bool:
    """`*` is any number of characters, `?` is one; a pattern's own query string begins with a real question mark,
    which matches itself that way."""
    parts = (".*" if char == "*" else "." if char == "?" else re.escape(char) for char in pattern)
    return re.fullmatch("".join(parts), url, re.DOTALL) is not None
