"""Path patterns, normalized paths, points of presence, failover criteria, ranges and compression: tables."""

import gzip

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panregion.edge.cloudfront.compression import MAKERS, MOST_BYTES, compressed_headers, encoding_for
from panregion.edge.cloudfront.conditions import Slice, not_modified, wanted_slice
from panregion.edge.cloudfront.origins import Kind, fails_over
from panregion.edge.cloudfront.patterns import is_invalidated, normal_path, path_regex
from panregion.edge.cloudfront.pops import nearest, points_of_presence, pop_at
from panregion.edge.cloudfront.response_headers import matches_origin
from panregion.world.distance import cities, round_trip_between_ms


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("/images/*.jpg", "/images/a/b.jpg", True),
        ("images/*.jpg", "/images/a.jpg", True),
        ("/images/*.jpg", "/images/a.JPG", False),
        ("*.gif", "/a/b.gif", True),
        ("/a??.jpg", "/a12.jpg", True),
        ("/a??.jpg", "/a1.jpg", False),
        ("/v1/*", "/v1", False),
        ("*", "/anything/at/all", True),
        ("/a.b", "/axb", False),
        ("/v1/*", "/v1/\n", True),
    ],
)
def test_path_patterns(pattern: str, path: str, expected: bool) -> None:
    assert bool(path_regex(pattern).fullmatch(path)) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/a/./b", "/a/b"),
        ("/a/../b", "/b"),
        ("/../../b", "/b"),
        ("/a/b/..", "/a/"),
        ("/%41%2f%7E", "/A%2F~"),
        ("/a%2e%2e/b", "/a../b"),
        ("/v1/%2e%2e/v2", "/v2"),
        ("/", "/"),
        ("/a..b/.c", "/a..b/.c"),
    ],
)
def test_paths_are_normalized_for_matching(path: str, expected: str) -> None:
    assert normal_path(path) == expected


@given(st.text(alphabet="/.%2eEaAfF", max_size=20))
def test_a_normalized_path_stays_as_it_is(rest: str) -> None:
    once = normal_path("/" + rest)
    assert once.startswith("/")
    assert ".." not in once.split("/")
    assert normal_path(once) == once or "%" in rest


@pytest.mark.parametrize(
    ("paths", "found", "expected"),
    [
        (["/*"], "/a?b=1", True),
        (["/a/*"], "/a/b", True),
        (["/a/*"], "/a", False),
        (["/a*"], "/abc?x=1", True),
        (["/a"], "/a?x=1", True),
        (["/a?x=1"], "/a?x=1", True),
        (["/a?x=1"], "/a?x=2", False),
        (["/b", "/c"], "/a", False),
    ],
)
def test_invalidations(paths: list[str], found: str, expected: bool) -> None:
    assert is_invalidated(paths, found) == expected


def test_points_of_presence_are_told_apart() -> None:
    pops = points_of_presence()
    assert len({pop.code for pop in pops}) == len({pop.address for pop in pops}) == len({pop.via for pop in pops})
    for pop in pops:
        assert pop_at(pop.address) == pop
    for address in ("127.2.0.1", f"127.2.{len(pops) + 1}.1", "127.2.1.2", "127.0.1.1", "127.2.x.1", "1127.2.1.1"):
        assert pop_at(address) is None


@given(st.sampled_from(sorted(cities())), st.sampled_from(["PriceClass_100", "PriceClass_200", "PriceClass_All"]))
def test_a_viewer_is_served_by_the_nearest_of_its_class(city: str, price_class: str) -> None:
    viewer = cities()[city]
    chosen = nearest(viewer, price_class)
    assert chosen.is_in(price_class)
    others = [pop for pop in points_of_presence() if pop.is_in(price_class)]
    assert round_trip_between_ms(viewer, chosen.site) == min(round_trip_between_ms(viewer, p.site) for p in others)


@pytest.mark.parametrize(
    ("kind", "codes", "expected"),
    [
        ("connect", {503}, True),
        ("connect", {500, 502, 504}, False),
        ("timeout", {504}, True),
        ("timeout", {503}, False),
        ("bad", {502}, True),
        (500, {500}, True),
        (404, {500}, False),
        (200, {500}, False),
    ],
)
def test_failover_criteria(kind: Kind | int, codes: set[int], expected: bool) -> None:
    assert fails_over(kind, frozenset(codes)) == expected


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, None),
        ({"range": "bytes=0-3"}, Slice(0, 4)),
        ({"range": "bytes=5-"}, Slice(5, 10)),
        ({"range": "bytes=-3"}, Slice(7, 10)),
        ({"range": "bytes=-99"}, Slice(0, 10)),
        ({"range": "bytes=8-99"}, Slice(8, 10)),
        ({"range": "bytes=10-"}, Slice(-1, -1)),
        ({"range": "bytes=-0"}, Slice(-1, -1)),
        ({"range": "bytes=5-2"}, None),
        ({"range": "bytes=0-1,3-4"}, None),
        ({"range": "lines=0-1"}, None),
        ({"range": "bytes=-"}, None),
        ({"range": "bytes=0-3", "if-range": '"1"'}, Slice(0, 4)),
        ({"range": "bytes=0-3", "if-range": '"2"'}, None),
        ({"range": "bytes=0-3", "if-range": "Sat, 01 Jan 2022 00:00:00 GMT"}, Slice(0, 4)),
    ],
)
def test_ranges(asked: dict[str, str], expected: Slice | None) -> None:
    response = {"etag": '"1"', "last-modified": "Sat, 01 Jan 2022 00:00:00 GMT"}
    assert wanted_slice(asked, response, 10) == expected


@given(st.integers(0, 50), st.text(alphabet="bytes=0123456789-, ", max_size=20))
def test_a_range_never_leaves_the_body(length: int, text: str) -> None:
    found = wanted_slice({"range": text}, {}, length)
    assert found is None or found == Slice(-1, -1) or 0 <= found.start < found.end <= length


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"if-none-match": '"1"'}, True),
        ({"if-none-match": 'W/"1", "3"'}, True),
        ({"if-none-match": "*"}, True),
        ({"if-none-match": '"2"'}, False),
        ({"if-modified-since": "Sat, 01 Jan 2022 00:00:00 GMT"}, True),
        ({"if-modified-since": "Fri, 31 Dec 2021 00:00:00 GMT"}, False),
        ({"if-modified-since": "whenever"}, False),
        ({"if-none-match": '"2"', "if-modified-since": "Sat, 01 Jan 2022 00:00:00 GMT"}, False),
        ({}, False),
    ],
)
def test_conditions(asked: dict[str, str], expected: bool) -> None:
    response = {"etag": '"1"', "last-modified": "Sat, 01 Jan 2022 00:00:00 GMT"}
    assert not_modified(asked, response) == expected


HTML = {"content-type": "text/html; charset=utf-8"}


@pytest.mark.parametrize(
    ("status", "headers", "length", "encodings", "expected"),
    [
        (200, HTML, 1000, "br,gzip", "br"),
        (200, HTML, 1000, "gzip", "gzip"),
        (200, HTML, 999, "gzip", ""),
        (200, HTML, MOST_BYTES + 1, "gzip", ""),
        (200, HTML, None, "gzip", ""),
        (200, HTML, 1000, "", ""),
        (500, HTML, 1000, "gzip", ""),
        (200, {"content-type": "image/png"}, 1000, "gzip", ""),
        (200, {**HTML, "content-encoding": "gzip"}, 1000, "gzip", ""),
        (200, {**HTML, "cache-control": "no-transform"}, 1000, "gzip", ""),
        (200, {}, 1000, "gzip", ""),
    ],
)
def test_what_is_compressed(
    status: int, headers: dict[str, str], length: int | None, encodings: str, expected: str
) -> None:
    assert encoding_for(status, headers, length, encodings) == expected


@given(st.lists(st.binary(max_size=200), max_size=10), st.sampled_from(["gzip", "br"]))
def test_compression_loses_nothing(pieces: list[bytes], encoding: str) -> None:
    compressor = MAKERS[encoding]()
    packed = b"".join([*(compressor.compress(piece) for piece in pieces), compressor.finish()])
    unpacked = gzip.decompress(packed) if encoding == "gzip" else bytes(brotli.decompress(packed))
    assert unpacked == b"".join(pieces)


def test_headers_of_what_was_compressed() -> None:
    found = compressed_headers([("ETag", '"1"'), ("Vary", "Origin"), ("Accept-Ranges", "bytes")], "br")
    assert found == [("ETag", 'W/"1"'), ("Vary", "Origin, Accept-Encoding"), ("Content-Encoding", "br")]
    assert ("Vary", "Accept-Encoding") in compressed_headers([], "gzip")


@pytest.mark.parametrize(
    ("pattern", "origin", "expected"),
    [
        ("*", "https://a.test", True),
        ("https://a.test", "https://a.test", True),
        ("https://a.test", "http://a.test", False),
        ("https://*.a.test", "https://x.a.test", True),
        ("https://*.a.test", "https://a.test", False),
        ("a.test", "http://a.test", True),
        ("https://a.*", "https://a.evil", True),
        ("https://*.a.test", "https://x.a.test.evil", False),
    ],
)
def test_origins_of_cors(pattern: str, origin: str, expected: bool) -> None:
    assert matches_origin(pattern, origin) == expected
