"""What a browser fetches before the first page is whole: under 400 KB, compressed, and nothing from anywhere else."""

import re

import pytest

from panregion.world import Request
from tests.console.lab import Lab

LIMIT_BYTES = 400_000
LOADED = re.compile(rb"""(?:src|href)="(/assets/[^"]+)"|["'](/assets/[^"']+)["']|from "\./([a-z-]+\.js)\"""")
ELSEWHERE = re.compile(rb"""(?:src|href|action)="(?:[a-z]+:)?//|url\(|@import""")


async def fetched(lab: Lab, target: str) -> tuple[bytes, bytes]:
    """(as it is sent, as it is)"""
    packed = await lab.console(Request("GET", target, "", [("host", "localhost:4503"), ("accept-encoding", "gzip")]))
    plain = await lab.console(Request("GET", target, "", [("host", "localhost:4503")]))
    assert (packed.status, plain.status) == (200, 200), target
    assert isinstance(packed.body, bytes)
    assert isinstance(plain.body, bytes)
    return packed.body, plain.body


@pytest.mark.parametrize("page", ["/", "/regions", "/data"])
async def test_a_first_view_is_small_and_all_our_own(lab: Lab, page: str) -> None:
    waiting, seen, sent_bytes = [page], {page}, 0
    while waiting:
        packed, plain = await fetched(lab, waiting.pop())
        sent_bytes += len(packed)
        assert not (b"<html" in plain and ELSEWHERE.search(plain)), page
        for match in LOADED.finditer(plain):
            name = next(group for group in match.groups() if group).decode()
            target = name if name.startswith("/") else f"/assets/own/{name}"
            if target not in seen:
                seen.add(target)
                waiting.append(target)
    assert sent_bytes < LIMIT_BYTES, sorted(seen)
    assert "/assets/own/base.css" in seen
