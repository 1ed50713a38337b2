"""Points of presence over real sockets: what viewers get, and what origins see of it."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from panregion.services.cloudfront.model import Distribution, Invalidation
from panregion.world import Request, Response
from panregion.world.tls import trusting
from tests.edge.cloudfront.support import cache_policy, distribution, part
from tests.edge.cloudfront.world import Cdn, cdn
from tests.services.cloudfront.support import DISABLED, behavior, group, listed, origin

ALL_VIEWER_EXCEPT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
EVERY_METHOD = listed("GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE")
HTTP_ONLY: dict[str, Any] = {"custom": {"OriginProtocolPolicy": "http-only"}}
A, B = origin("a", "a.hello.test", **HTTP_ONLY), origin("b", "b.hello.test", **HTTP_ONLY)
CACHED = cache_policy(QueryStringsConfig={"QueryStringBehavior": "all"})


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[Cdn]:
    async with cdn(tmp_path) as one:
        one.tell(CACHED)
        yield one


def simple(policy: str = "policy", *origins: dict[str, Any], **changes: Any) -> Distribution:
    """Origin a behind one behaviour; `more` are members of that."""
    more = changes.pop("more", {})
    return distribution("E1", *(origins or (A,)), DefaultCacheBehavior=behavior("a", policy, **more), **changes)


def answering(*responses: Response) -> Any:
    """A script that answers with one after another, and the last one for ever."""
    left = list(responses)

    async def script(_request: Request) -> Response:
        return left.pop(0) if len(left) > 1 else left[0]

    return script


async def test_a_miss_and_then_a_hit(world: Cdn) -> None:
    world.tell(simple())
    first = await world.ask("/page?a=1")
    assert (first.status, first.text, first.x_cache) == (200, "hello /page?a=1", "Miss from cloudfront")
    assert first.headers["x-amz-cf-pop"] == "LHR50-P1"
    assert first.headers["via"].startswith("1.1 ")
    assert first.headers["via"].endswith(".cloudfront.net (CloudFront)")
    assert len(first.headers["x-amz-cf-id"]) == 56
    await world.clock.advance(5)
    second = await world.ask("/page?a=1")
    assert (second.text, second.x_cache, second.headers["age"]) == ("hello /page?a=1", "Hit from cloudfront", "5")
    assert second.headers["x-amz-cf-id"] != first.headers["x-amz-cf-id"]
    assert second.headers["content-length"] == str(len(second.body))
    assert (await world.ask("/page?a=2")).x_cache == "Miss from cloudfront"
    assert len(world.a.visits) == 2


async def test_what_the_origin_sees(world: Cdn) -> None:
    world.tell(
        simple(
            "policy",
            {**A, "OriginPath": "/prod", "CustomHeaders": listed({"HeaderName": "X-Secret", "HeaderValue": "s"})},
        )
    )
    await world.ask("/page?a=1", headers={"User-Agent": "curl", "Cookie": "a=1", "X-Mine": "1"})
    (visit,) = world.a.visits
    assert visit.target == "/prod/page?a=1"
    seen = {name.lower(): value for name, value in visit.headers}
    assert seen["host"] == "a.hello.test"
    assert seen["user-agent"] == "Amazon CloudFront"
    assert seen["x-secret"] == "s"
    assert seen["x-forwarded-for"].startswith("198.18.")
    assert seen["via"].endswith("(CloudFront)")
    assert "x-amz-cf-id" in seen
    assert not {"cookie", "x-mine"} & set(seen)


async def test_every_point_of_presence_has_a_cache_of_its_own(world: Cdn) -> None:
    world.tell(simple())
    assert (await world.ask(city="london")).headers["x-amz-cf-pop"] == "LHR50-P1"
    tokyo = await world.ask(city="tokyo")
    assert (tokyo.headers["x-amz-cf-pop"], tokyo.x_cache) == ("NRT50-P1", "Miss from cloudfront")
    assert (await world.ask(city="london")).x_cache == "Hit from cloudfront"
    assert world.network.link("tokyo", "us-east-1").connects == 1


async def test_an_object_whose_time_is_over_is_asked_for_conditionally(world: Cdn) -> None:
    world.tell(simple())
    fresh = [("ETag", '"1"'), ("Cache-Control", "max-age=10")]
    world.a.script = answering(
        Response(200, fresh, b"one"), Response(304, fresh), Response(200, [("ETag", '"2"')], b"two")
    )
    assert (await world.ask()).x_cache == "Miss from cloudfront"
    await world.clock.advance(11)
    again = await world.ask()
    assert (again.text, again.x_cache) == ("one", "RefreshHit from cloudfront")
    assert world.a.visits[1].header("if-none-match") == '"1"'
    assert (await world.ask()).x_cache == "Hit from cloudfront"
    await world.clock.advance(11)
    changed = await world.ask()
    assert (changed.text, changed.x_cache) == ("two", "Miss from cloudfront")


async def test_what_is_old_is_told_when_the_origin_fails(world: Cdn) -> None:
    world.tell(simple())
    world.a.script = answering(Response(200, [("Cache-Control", "max-age=10")], b"one"), Response(503, [], b""))
    await world.ask()
    await world.clock.advance(11)
    stale = await world.ask()
    assert (stale.status, stale.text) == (200, "one")
    await world.ask()
    assert len(world.a.visits) == 2, "the origin is left alone for a moment"


async def test_viewers_conditions_and_ranges_are_answered_from_the_cache(world: Cdn) -> None:
    world.tell(simple())
    world.a.script = answering(Response(200, [("ETag", '"1"')], b"0123456789"))
    await world.ask()
    assert (await world.ask(headers={"If-None-Match": '"1"'})).status == 304
    part_of_it = await world.ask(headers={"Range": "bytes=2-4"})
    assert (part_of_it.status, part_of_it.body) == (206, b"234")
    assert part_of_it.headers["content-range"] == "bytes 2-4/10"
    assert (await world.ask(headers={"Range": "bytes=20-"})).status == 416
    head = await world.ask(method="HEAD")
    assert (head.body, head.headers["content-length"], head.x_cache) == (b"", "10", "Hit from cloudfront")
    assert len(world.a.visits) == 1


async def test_many_at_once_ask_the_origin_once(world: Cdn) -> None:
    world.tell(simple())
    gate = asyncio.Event()

    async def script(_request: Request) -> Response:
        await gate.wait()
        return Response(200, [], b"one")

    world.a.script = script
    asking = [asyncio.create_task(world.ask()) for _ in range(20)]
    while not world.a.visits:
        await asyncio.sleep(0.001)
    for _ in range(100):
        await asyncio.sleep(0)
    gate.set()
    answers = await asyncio.gather(*asking)
    assert {answer.text for answer in answers} == {"one"}
    assert len(world.a.visits) == 1


async def test_an_invalidation_forgets_objects_everywhere(world: Cdn) -> None:
    world.tell(simple())
    for city in ("london", "tokyo"):
        for path in ("/a/1", "/b"):
            await world.ask(path, city=city)
    world.tell(Invalidation(id="I1", distribution_id="E1", paths=["/a/*"], caller_reference="1", created_at=0))
    for city in ("london", "tokyo"):
        assert (await world.ask("/a/1", city=city)).x_cache == "Miss from cloudfront"
        assert (await world.ask("/b", city=city)).x_cache == "Hit from cloudfront"


async def test_what_was_asked_for_before_an_invalidation_is_not_kept(world: Cdn) -> None:
    world.tell(simple())
    gate = asyncio.Event()

    async def script(_request: Request) -> Response:
        await gate.wait()
        return Response(200, [], b"old")

    world.a.script = script
    asking = asyncio.create_task(world.ask())
    while not world.a.visits:
        await asyncio.sleep(0.001)
    world.tell(Invalidation(id="I1", distribution_id="E1", paths=["/*"], caller_reference="1", created_at=0))
    gate.set()
    await asking
    assert (await world.ask()).x_cache == "Miss from cloudfront"


async def test_paths_choose_the_behaviour_and_its_origin(world: Cdn) -> None:
    both = distribution(
        "E1",
        A,
        B,
        DefaultCacheBehavior=behavior("a", DISABLED),
        CacheBehaviors=listed(behavior("b", DISABLED, PathPattern="/v2/*")),
        DefaultRootObject="index.html",
    )
    world.tell(both)
    await world.ask("/v1/thing")
    await world.ask("/v2/thing")
    await world.ask("/v1/../v2/x")
    await world.ask("/")
    assert [visit.path for visit in world.a.visits] == ["/v1/thing", "/index.html"]
    assert [visit.path for visit in world.b.visits] == ["/v2/thing", "/v1/../v2/x"]


async def test_the_second_origin_of_a_group_takes_over(world: Cdn) -> None:
    grouped = distribution(
        "E1",
        {**A, "ConnectionAttempts": 1},
        B,
        OriginGroups=listed(group("both", "a", "b", codes=(500, 503))),
        DefaultCacheBehavior=behavior("both", DISABLED),
    )
    world.tell(grouped)
    world.a.script = answering(Response(500, [], b"broken"), Response(404, [], b"not here"))
    assert (await world.ask("/1")).text == "hello /1"
    assert len(world.b.visits) == 1
    second = await world.ask("/2")
    assert (second.status, second.text) == (404, "not here")
    world.set_links("london", "us-east-1", cut="refuse")
    assert (await world.ask("/3")).text == "hello /3"


async def test_a_group_whose_criteria_do_not_have_the_failure_does_not_fail_over(world: Cdn) -> None:
    grouped = distribution(
        "E1",
        {**A, "ConnectionAttempts": 1},
        B,
        OriginGroups=listed(group("both", "a", "b", codes=(500,))),
        DefaultCacheBehavior=behavior("both", DISABLED),
    )
    world.tell(grouped)
    world.set_links("london", "us-east-1", cut="refuse")
    failed = await world.ask("/1")
    assert (failed.status, failed.x_cache) == (502, "Error from cloudfront")
    assert "was not able to connect to the origin" in failed.text
    assert world.b.visits == []


def slow_group(**first: Any) -> Distribution:
    """A group whose first origin is tried once."""
    return distribution(
        "E1",
        {**A, "ConnectionAttempts": 1, "ConnectionTimeout": 1, **first},
        B,
        OriginGroups=listed(group("both", "a", "b", codes=(503, 504))),
        DefaultCacheBehavior=behavior("both", DISABLED),
    )


async def test_a_link_that_is_cut_silently_costs_the_timeout(world: Cdn) -> None:
    world.tell(slow_group())
    world.set_links("london", "us-east-1", cut="silent")
    began = asyncio.get_running_loop().time()
    assert (await world.ask("/1")).text == "hello /1"
    took_s = asyncio.get_running_loop().time() - began
    assert 0.9 < took_s < 5
    assert len(world.b.visits) == 1


async def test_an_origin_that_is_silent_is_left_after_its_time(world: Cdn) -> None:
    custom = {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "http-only", "OriginReadTimeout": 1}
    world.tell(slow_group(CustomOriginConfig=custom))
    forever = asyncio.Event()

    async def script(_request: Request) -> Response:
        await forever.wait()
        return Response(200, [], b"late")

    world.a.script = script
    assert (await world.ask("/1")).text == "hello /1"
    lonely = distribution(
        "E1", {**A, "ConnectionAttempts": 2, "CustomOriginConfig": custom}, DefaultCacheBehavior=behavior("a", DISABLED)
    )
    world.tell(lonely)
    answer = await world.ask("/2")
    assert (answer.status, answer.x_cache) == (504, "Error from cloudfront")
    assert [visit.path for visit in world.a.visits] == ["/1", "/2", "/2"], "reads are tried as often as connections"
    forever.set()


async def test_what_is_old_is_told_while_it_is_fetched_anew(world: Cdn) -> None:
    world.tell(simple())
    lasting = [("Cache-Control", "max-age=10, stale-while-revalidate=60")]
    world.a.script = answering(Response(200, lasting, b"one"), Response(200, lasting, b"two"))
    await world.ask()
    await world.clock.advance(11)
    assert (await world.ask()).text == "one"
    async with asyncio.timeout(5):
        while (await world.ask()).text != "two":
            await asyncio.sleep(0.005)
    assert len(world.a.visits) == 2


async def test_a_head_request_brings_no_body_for_others(world: Cdn) -> None:
    world.tell(simple())
    first = await world.ask(method="HEAD")
    assert (first.x_cache, first.headers["content-length"], first.body) == ("Miss from cloudfront", "7", b"")
    assert (await world.ask(method="HEAD")).x_cache == "Hit from cloudfront"
    got = await world.ask()
    assert (got.x_cache, got.text) == ("Miss from cloudfront", "hello /")
    assert [visit.method for visit in world.a.visits] == ["HEAD", "GET"]


async def test_answers_to_options_are_kept_where_they_may_be(world: Cdn) -> None:
    methods = {**listed("GET", "HEAD", "OPTIONS"), "CachedMethods": listed("GET", "HEAD", "OPTIONS")}
    world.tell(simple(more={"AllowedMethods": methods}))
    told = [(await world.ask(method="OPTIONS")).x_cache for _ in range(2)]
    assert told == ["Miss from cloudfront", "Hit from cloudfront"]
    assert (await world.ask()).x_cache == "Miss from cloudfront"


@pytest.mark.parametrize(("version", "served"), [("TLSv1.2_2021", True), ("TLSv1.3_2025", False)])
async def test_a_distribution_may_want_tls_1_3(world: Cdn, version: str, served: bool) -> None:
    viewer = {
        "ACMCertificateArn": "arn:aws:acm:us-east-1:000000000000:certificate/1",
        "SSLSupportMethod": "sni-only",
        "MinimumProtocolVersion": version,
    }
    world.tell(simple(Aliases=listed("www.hello.test"), ViewerCertificate=viewer))
    context = trusting(world.settings.path)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    reader, writer = await world.open(tls="www.hello.test", context=context)
    writer.write(b"GET / HTTP/1.1\r\nHost: www.hello.test\r\nConnection: close\r\n\r\n")
    answer = await asyncio.wait_for(reader.read(), 5)
    assert answer.startswith(b"HTTP/1.1 200 ") == served
    writer.close()
    assert (await world.ask(host="www.hello.test", tls=True)).status == 200, "who speaks 1.3 is served"


async def test_errors_have_pages_and_are_kept_for_a_while(world: Cdn) -> None:
    page = {"ErrorCode": 404, "ResponsePagePath": "/sorry.html", "ResponseCode": "200", "ErrorCachingMinTTL": 5}
    world.tell(simple(CustomErrorResponses=listed(page)))

    async def script(request: Request) -> Response:
        if request.path == "/sorry.html":
            return Response(200, [("Content-Type", "text/html")], b"sorry")
        return Response(404, [], b"nothing")

    world.a.script = script
    first = await world.ask("/x")
    assert (first.status, first.text, first.x_cache) == (200, "sorry", "Error from cloudfront")
    again = await world.ask("/x")
    assert (again.status, again.x_cache) == (200, "Error from cloudfront")
    assert [visit.path for visit in world.a.visits] == ["/x", "/sorry.html"]
    await world.clock.advance(6)
    await world.ask("/x")
    assert [visit.path for visit in world.a.visits] == ["/x", "/sorry.html", "/x"]


async def test_errors_without_a_page_are_kept_for_ten_seconds(world: Cdn) -> None:
    world.tell(simple())
    world.a.script = answering(Response(503, [], b"busy"), Response(200, [], b"well"))
    assert (await world.ask()).x_cache == "Error from cloudfront"
    assert (await world.ask()).status == 503
    await world.clock.advance(11)
    assert (await world.ask()).text == "well"


async def test_bodies_are_compressed_for_those_who_take_it(world: Cdn) -> None:
    encodings: dict[str, Any] = {"EnableAcceptEncodingGzip": True, "EnableAcceptEncodingBrotli": True}
    world.tell(cache_policy("zip", **encodings), simple("zip", more={"Compress": True}))
    text = "hello world " * 1000
    world.a.script = answering(Response(200, [("Content-Type", "text/html"), ("ETag", '"1"')], text.encode()))
    zipped = await world.ask(headers={"Accept-Encoding": "gzip, deflate"})
    assert (zipped.headers["content-encoding"], zipped.text, zipped.headers["etag"]) == ("gzip", text, 'W/"1"')
    brotlied = await world.ask(headers={"Accept-Encoding": "br, gzip"})
    assert (brotlied.headers["content-encoding"], brotlied.text) == ("br", text)
    plain = await world.ask()
    assert "content-encoding" not in plain.headers
    assert plain.text == text
    again = await world.ask(headers={"Accept-Encoding": "gzip"})
    assert (again.x_cache, again.text) == ("Hit from cloudfront", text)
    assert [visit.header("accept-encoding") for visit in world.a.visits] == ["gzip", "br,gzip", None]


async def test_bodies_go_to_the_origin_as_they_come(world: Cdn) -> None:
    forwarded = {"OriginRequestPolicyId": ALL_VIEWER_EXCEPT_HOST, "AllowedMethods": EVERY_METHOD}
    world.tell(simple(DISABLED, more=forwarded))
    posted = await world.ask("/items?x=1", "POST", {"Content-Type": "text/plain", "X-Mine": "1"}, b"body" * 100_000)
    assert posted.status == 200
    (visit,) = world.a.visits
    assert (visit.method, visit.target, visit.body) == ("POST", "/items?x=1", b"body" * 100_000)
    assert (visit.header("content-type"), visit.header("x-mine")) == ("text/plain", "1")
    data = b"POST / HTTP/1.1\r\nHost: de1.cloudfront.net\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    answer = await world.raw(data + b"5\r\nabcde\r\n3\r\nfgh\r\n0\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert world.a.visits[1].body == b"abcdefgh"


async def test_a_viewer_that_waits_to_be_told_to_go_on_is_told(world: Cdn) -> None:
    world.tell(simple(DISABLED, more={"AllowedMethods": EVERY_METHOD}))
    reader, writer = await world.open()
    writer.write(b"PUT / HTTP/1.1\r\nHost: de1.cloudfront.net\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
    assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    writer.write(b"ok")
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
    writer.close()


@pytest.mark.parametrize(
    ("policy", "method", "tls", "status"),
    [
        ("redirect-to-https", "GET", False, 301),
        ("redirect-to-https", "POST", False, 307),
        ("https-only", "GET", False, 403),
        ("allow-all", "POST", False, 403),
        ("allow-all", "TRACE", False, 405),
        ("redirect-to-https", "GET", True, 200),
    ],
)
async def test_what_viewers_may_ask(world: Cdn, policy: str, method: str, tls: bool, status: int) -> None:
    world.tell(simple(more={"ViewerProtocolPolicy": policy}))
    answer = await world.ask("/x?y=1", method, tls=tls)
    assert answer.status == status
    if status in (301, 307):
        assert answer.headers["location"] == "https://de1.cloudfront.net/x?y=1"
        assert answer.x_cache == "Redirect from cloudfront"
    elif status != 200:
        assert answer.x_cache == "Error from cloudfront"


async def test_names_that_are_no_distributions(world: Cdn) -> None:
    world.tell(simple())
    assert (await world.ask(host="nobody.cloudfront.net")).status == 403
    world.tell(simple(Enabled=False))
    assert (await world.ask()).status == 403
    world.tell(simple())
    world.tell(simple(), gone=True)
    assert (await world.ask()).status == 403


async def test_countries_can_be_kept_out(world: Cdn) -> None:
    blocked = {"GeoRestriction": {"RestrictionType": "blacklist", **listed("GB")}}
    world.tell(simple(Restrictions=blocked))
    assert (await world.ask(city="london")).status == 403
    assert (await world.ask(city="paris")).status == 200


async def test_alternate_names_over_tls_have_certificates_of_their_own(world: Cdn) -> None:
    viewer = {"ACMCertificateArn": "arn:aws:acm:us-east-1:000000000000:certificate/1", "SSLSupportMethod": "sni-only"}
    names = {"Aliases": listed("*.hello.test"), "ViewerCertificate": viewer}
    world.tell(simple("policy", origin("a", "a.hello.test", custom={"OriginProtocolPolicy": "match-viewer"}), **names))
    answer = await world.ask(host="www.hello.test", tls=True)
    assert answer.status == 200
    assert (await world.ask(tls=True)).status == 200, "its own name is good as well"
    reader, writer = await world.open(tls="www.hello.test")
    certificate = writer.get_extra_info("ssl_object").getpeercert()
    assert ("DNS", "www.hello.test") in certificate["subjectAltName"]
    assert writer.get_extra_info("ssl_object").version() == "TLSv1.3"
    writer.close()
    assert [visit.host for visit in world.a.visits] == ["a.hello.test"]
    del reader


async def test_an_origin_whose_certificate_is_not_trusted_is_not_asked(world: Cdn, tmp_path: Path) -> None:
    world.tell(simple("policy", origin("a", "gone.hello.test")))
    answer = await world.ask()
    assert answer.status == 502


async def test_a_response_headers_policy(world: Cdn) -> None:
    cors = {
        "AccessControlAllowCredentials": False,
        "AccessControlAllowHeaders": listed("*"),
        "AccessControlAllowMethods": listed("GET"),
        "AccessControlAllowOrigins": listed("https://*.hello.test"),
        "OriginOverride": True,
    }
    headers = part(
        "response-headers-policy",
        "headers",
        CorsConfig=cors,
        CustomHeadersConfig=listed({"Header": "X-Site", "Value": "yes", "Override": False}),
        RemoveHeadersConfig=listed({"Header": "X-Powered-By"}),
        SecurityHeadersConfig={"ContentTypeOptions": {"Override": True}},
    )
    world.tell(headers, simple(more={"ResponseHeadersPolicyId": "headers"}))
    world.a.script = answering(Response(200, [("X-Powered-By", "us"), ("X-Site", "own")], b"one"))
    for expected in ("Miss", "Hit"):
        answer = await world.ask(headers={"Origin": "https://app.hello.test"})
        assert answer.x_cache == f"{expected} from cloudfront"
        assert answer.headers["access-control-allow-origin"] == "https://app.hello.test"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-site"] == "own"
        assert "x-powered-by" not in answer.headers
    assert "access-control-allow-origin" not in (await world.ask(headers={"Origin": "https://evil.test"})).headers


async def test_a_websocket_passes_through(world: Cdn) -> None:
    async def chat(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append((await reader.readuntil(b"\r\n\r\n")).decode())
        writer.write(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
        while data := await reader.read(100):
            writer.write(data.upper())
        writer.close()

    seen: list[str] = []
    server = await asyncio.start_server(chat, "127.0.1.1", 0)
    port = server.sockets[0].getsockname()[1]
    custom = {"OriginProtocolPolicy": "http-only", "HTTPPort": port}
    world.tell(simple(DISABLED, origin("a", "a.hello.test", custom=custom)))
    reader, writer = await world.open()
    writer.write(
        b"GET /chat HTTP/1.1\r\nHost: de1.cloudfront.net\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Key: abc\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
    assert head.startswith(b"HTTP/1.1 101 ")
    assert b"X-Amz-Cf-Pop: LHR50-P1" in head
    assert "Sec-WebSocket-Key: abc" in seen[0]
    assert "Upgrade: websocket" in seen[0]
    writer.write(b"hello")
    assert await asyncio.wait_for(reader.readexactly(5), 5) == b"HELLO"
    writer.close()
    server.close()


async def test_a_connection_serves_request_after_request(world: Cdn) -> None:
    world.tell(simple())
    reader, writer = await world.open()
    for number in range(3):
        writer.write(b"GET / HTTP/1.1\r\nHost: de1.cloudfront.net\r\n\r\n")
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 ")
        assert await reader.readexactly(7) == b"hello /"
        assert (b"Hit from" in head) == bool(number)
    writer.close()


async def test_what_came_without_a_length_is_told_with_one(world: Cdn) -> None:
    encodings: dict[str, Any] = {"EnableAcceptEncodingGzip": True}
    world.tell(cache_policy("zip", **encodings), simple("zip", more={"Compress": True}))
    text = "hello world " * 1000

    async def in_pieces() -> AsyncIterator[bytes]:
        yield b"one"
        yield b"two"

    async def script(request: Request) -> Response:
        if request.path == "/pieces":
            return Response(200, [], in_pieces())
        if request.header("if-none-match"):
            return Response(304, [("ETag", '"1"')])
        headers = [("Content-Type", "text/html"), ("ETag", '"1"'), ("Cache-Control", "max-age=10")]
        return Response(200, headers, text.encode())

    world.a.script = script
    await world.ask("/pieces")
    await world.ask("/text", headers={"Accept-Encoding": "gzip"})
    reader, writer = await world.open()
    for path, accepted in (("/pieces", "identity"), ("/text", "gzip")):
        lines = ["GET {path} HTTP/1.1", "Host: de1.cloudfront.net", "Accept-Encoding: {accepted}", "", ""]
        writer.write("\r\n".join(lines).format(path=path, accepted=accepted).encode())
        head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)).decode()
        assert "X-Cache: Hit" in head
        length = int(head.lower().partition("content-length: ")[2].partition("\r\n")[0])
        await reader.readexactly(length)
    writer.close()
    await world.clock.advance(11)
    again = await world.ask("/text", headers={"Accept-Encoding": "gzip"})
    assert (again.x_cache, again.text, again.headers["etag"]) == ("RefreshHit from cloudfront", text, 'W/"1"')


async def test_a_distribution_that_is_its_own_origin_is_told_so(world: Cdn) -> None:
    world.tell(simple(DISABLED, origin("a", "de1.cloudfront.net", **HTTP_ONLY)))
    answer = await world.ask()
    assert answer.status == 403
    assert "too often" in answer.text


async def test_distributions_and_aliases_lead_to_the_nearest_point_of_presence(world: Cdn) -> None:
    from tests.edge.support import MAP

    world.tell(simple(PriceClass="PriceClass_100"))
    assert world.plane.addresses("de1.cloudfront.net.", MAP.asker("london")) == ["127.2.27.1"]
    sydney = world.plane.addresses("de1.cloudfront.net.", MAP.asker("sydney"))
    assert sydney is not None
    route = world.plane.route(sydney[0], 443, "sydney")
    assert route is not None
    assert route.site in ("los-angeles", "san-francisco")
    assert route.port == world.settings.ports.tls
    assert world.plane.addresses("nobody.cloudfront.net.", MAP.asker("london")) == []
    assert world.plane.addresses("www.hello.test.", MAP.asker("london")) is None
    assert world.plane.route("127.0.1.1", 80, "london") is None
    assert world.plane.health()["distributions"] == {"de1.cloudfront.net": {"id": "E1", "aliases": []}}
