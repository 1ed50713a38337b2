"""Signed URLs and cookies, signed by botocore's own signer."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.signers import CloudFrontSigner
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from panregion.edge.cloudfront.messages import RequestHead
from panregion.edge.cloudfront.signed import NotAllowed, allows, canned_policy, require_signature, unsigned_query
from panregion.services.cloudfront.model import Part
from tests.edge.cloudfront.support import LONDON, cache_policy, distribution, request
from tests.edge.cloudfront.world import Cdn, cdn
from tests.services.cloudfront.support import behavior, listed, origin

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
SIGNER = CloudFrontSigner("K1", lambda message: KEY.sign(message, padding.PKCS1v15(), SHA1()))
NOW = 1_700_000_000.0
URL = "http://de1.cloudfront.net/a/b?x=1"


def at(moment: float) -> datetime:
    return datetime.fromtimestamp(moment, UTC)


def asking(url: str, **headers: str) -> RequestHead:
    parts = urlsplit(url)
    return request(f"{parts.path}?{parts.query}" if parts.query else parts.path, **headers)


def verdict(head: RequestHead, now: float = NOW, keys: dict[str, str] | None = None) -> str:
    """What the viewer is told; nothing where it is let in."""
    try:
        require_signature(head, LONDON, {"K1": PEM} if keys is None else keys, now)
    except NotAllowed as error:
        return error.code
    return ""


def test_a_canned_policy_is_of_one_url_until_a_time() -> None:
    signed = SIGNER.generate_presigned_url(URL, date_less_than=at(NOW + 60))
    assert verdict(asking(signed)) == ""
    assert verdict(asking(signed), NOW + 60) == "AccessDenied"
    assert verdict(asking(signed.replace("/a/b", "/a/c"))) == "AccessDenied"
    assert verdict(asking(signed.replace("x=1", "x=2"))) == "AccessDenied"
    later = signed.replace(f"Expires={int(NOW) + 60}", f"Expires={int(NOW) + 90}")
    assert verdict(asking(later)) == "AccessDenied"
    assert verdict(asking(signed), keys={"K2": PEM}) == "InvalidKey"


def test_a_custom_policy_says_what_when_and_from_where() -> None:
    policy = SIGNER.build_policy("http*://de1.cloudfront.net/a/*", at(NOW + 60), at(NOW - 60), "198.18.0.0/16")
    signed = SIGNER.generate_presigned_url(URL, policy=policy)
    assert verdict(asking(signed)) == ""
    assert verdict(asking(signed.replace("/a/b", "/a/c"))) == ""
    assert verdict(asking(signed.replace("/a/b", "/b"))) == "AccessDenied"
    assert verdict(asking(signed), NOW - 61) == "AccessDenied"
    elsewhere = SIGNER.build_policy("*", at(NOW + 60), ip_address="10.0.0.0/8")
    assert verdict(asking(SIGNER.generate_presigned_url(URL, policy=elsewhere))) == "AccessDenied"


def test_cookies_do_what_parameters_do() -> None:
    signed = SIGNER.generate_presigned_url(URL, date_less_than=at(NOW + 60))
    parts = dict(part.split("=", 1) for part in urlsplit(signed).query.split("&"))
    cookies = "; ".join(f"CloudFront-{name}={parts[name]}" for name in ("Expires", "Signature", "Key-Pair-Id"))
    assert verdict(asking(URL, Cookie=f"a=b; {cookies}")) == ""
    assert verdict(asking(URL, Cookie="a=b")) == "MissingKey"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", "MissingKey"),
        ("?Key-Pair-Id=K1", "MissingSignature"),
        ("?Key-Pair-Id=K1&Signature=AAAA", "MissingPolicy"),
        ("?Key-Pair-Id=K1&Signature=!!&Expires=1", "MalformedSignature"),
        ("?Key-Pair-Id=K1&Signature=AAAA&Expires=x", "MalformedExpires"),
        ("?Key-Pair-Id=K1&Signature=AAAA&Policy=!!", "MalformedPolicy"),
        ("?Key-Pair-Id=K1&Signature=AAAA&Expires=9999999999", "AccessDenied"),
        ("?Key-Pair-Id=K1&Signature=AAAA&Expires=9999999999&Hash-Algorithm=MD5", "AccessDenied"),
    ],
)
def test_what_is_wrong_is_told(query: str, code: str) -> None:
    assert verdict(request(f"/a{query}")) == code


@given(st.binary(max_size=100) | st.sampled_from([b'{"Statement":[]}', b'{"Statement":[{}]}', b"[]", b"1", b"null"]))
def test_any_bytes_are_a_policy_or_none(policy: bytes) -> None:
    with pytest.raises(NotAllowed):
        allows(policy, URL, "198.18.0.1", NOW)


@given(st.integers(0, 2 * int(NOW)), st.floats(0, 2 * NOW))
def test_nobody_is_let_in_too_late(expires: int, now: float) -> None:
    assert allows(canned_policy(URL, expires), URL, "198.18.0.1", now) == (now < expires)


def test_what_signs_is_taken_off() -> None:
    assert unsigned_query("a=1&Expires=1&Signature=x&b=2&Key-Pair-Id=K1&Policy=p") == "a=1&b=2"
    assert unsigned_query("Expires=1") == ""


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[Cdn]:
    async with cdn(tmp_path) as one:
        key = Part(kind="public-key", id="K1", config={"EncodedKey": PEM}, etag="E1", modified_at=0)
        group = Part(kind="key-group", id="G1", config={"Name": "g", "Items": ["K1"]}, etag="E1", modified_at=0)
        trusted: dict[str, Any] = {"TrustedKeyGroups": {"Enabled": True, **listed("G1")}}
        a = origin("a", "a.hello.test", custom={"OriginProtocolPolicy": "http-only"})
        queries = cache_policy(QueryStringsConfig={"QueryStringBehavior": "all"})
        closed = distribution("E1", a, DefaultCacheBehavior=behavior("a", "policy", **trusted))
        one.tell(key, group, queries, closed)
        yield one


async def test_only_those_who_are_let_in_get_it_and_they_share_one_object(world: Cdn) -> None:
    denied = await world.ask("/a/b?x=1")
    assert (denied.status, denied.headers["content-type"]) == (403, "text/xml")
    assert "<Code>MissingKey</Code>" in denied.text
    for seconds, told in ((60, "Miss"), (90, "Hit")):
        signed = SIGNER.generate_presigned_url(URL, date_less_than=at(world.clock.now() + seconds))
        parts = urlsplit(signed)
        answer = await world.ask(f"{parts.path}?{parts.query}")
        assert (answer.status, answer.x_cache) == (200, f"{told} from cloudfront")
    assert [visit.target for visit in world.a.visits] == ["/a/b?x=1"]
