"""Files of bytes by name."""

from pathlib import Path

import pytest

from panregion.world.blobs import CHUNK_BYTES, Blobs


async def test_slices_of_several_blobs_are_read_in_a_row(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path / "objects")
    assert blobs.names() == []
    await blobs.write("a", b"0123456789")
    await blobs.write("b", b"abc")
    assert blobs.names() == ["a", "b"]
    assert await blobs.read([("a", 8, 10), ("b", 0, 3), ("a", 0, 1)]) == b"89abc0"


async def test_large_blobs_come_in_chunks(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    data = bytes(CHUNK_BYTES) + b"end"
    await blobs.write("a", data)
    chunks = [chunk async for chunk in blobs.stream([("a", 0, len(data))])]
    assert [len(chunk) for chunk in chunks] == [CHUNK_BYTES, 3]


async def test_who_has_begun_to_read_may_finish(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    await blobs.write("a", bytes(CHUNK_BYTES) + b"end")
    reading = blobs.stream([("a", 0, CHUNK_BYTES + 3)])
    first = await anext(aiter(reading))
    await blobs.remove(["a", "never-there"])
    rest = [chunk async for chunk in reading]
    assert first + b"".join(rest) == bytes(CHUNK_BYTES) + b"end"
    assert blobs.names() == []


async def test_a_file_that_is_shorter_than_its_record_is_an_error(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    await blobs.write("a", b"123")
    with pytest.raises(OSError, match="ends at 3"):
        await blobs.read([("a", 0, 4)])
