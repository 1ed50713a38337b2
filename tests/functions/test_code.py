"""Packages on disk: unpacked once, refused where they would climb out."""

import contextlib
import hashlib
import io
import stat
import tempfile
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panregion.functions import BadPackage, CodeStore, zipped
from panregion.functions.code import unpack


def archive(name: str, data: bytes = b"x", mode: int = 0o100644) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as made:
        info = zipfile.ZipInfo(name)
        info.create_system = 3
        info.external_attr = mode << 16
        made.writestr(info, data)
    return content.getvalue()


def test_a_package_is_unpacked_under_its_hash(tmp_path: Path) -> None:
    content = zipped({"app.py": "x = 1\n", "lib/deep.txt": "y"})
    package = CodeStore(tmp_path).put(content)
    assert package.digest == hashlib.sha256(content).hexdigest()
    assert (CodeStore(tmp_path).path(package.digest) / "lib" / "deep.txt").read_text() == "y"
    assert CodeStore(tmp_path).content(package.digest) == content


def test_what_is_missing_is_unpacked_again(tmp_path: Path) -> None:
    store = CodeStore(tmp_path)
    package = store.put(zipped({"app.py": "x = 1\n"}))
    (store.path(package.digest) / "app.py").unlink()
    store.path(package.digest).rmdir()
    assert (store.path(package.digest) / "app.py").read_text() == "x = 1\n"


def test_programs_stay_programs_and_links_stay_links(tmp_path: Path) -> None:
    store = CodeStore(tmp_path)
    program = store.path(store.put(archive("bootstrap", mode=0o100755)).digest) / "bootstrap"
    assert program.stat().st_mode & stat.S_IXUSR
    link = store.path(store.put(archive("a", b"b/c", mode=0o120777)).digest) / "a"
    assert str(link.readlink()) == "b/c"


@pytest.mark.parametrize(
    "content",
    [
        archive("../out.py"),
        archive("/etc/out.py"),
        archive("a/../../out.py"),
        archive("a\\..\\..\\out.py"),
        archive("link", b"../../elsewhere", mode=0o120777),
        archive("link", b"/etc/passwd", mode=0o120777),
        b"this is no zip",
        b"PK\x03\x04 cut off",
    ],
)
def test_what_climbs_out_or_is_no_zip_is_refused(tmp_path: Path, content: bytes) -> None:
    inside = tmp_path / "a" / "b"
    with pytest.raises(BadPackage):
        CodeStore(inside).put(content)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


GOOD = zipped({"app.py": "x = 1\n" * 100, "lib/a.txt": "text"}) + archive("link", b"app.py", mode=0o120777)


@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), min_size=1, max_size=8))
@settings(max_examples=150, deadline=None)
def test_bytes_that_were_replaced_never_lead_outside(changes: list[tuple[int, int]]) -> None:
    content = bytearray(GOOD)
    for place, value in changes:
        content[place] = value
    with tempfile.TemporaryDirectory() as folder:
        inside = Path(folder) / "a" / "b"
        inside.mkdir(parents=True)
        with contextlib.suppress(BadPackage):
            unpack(bytes(content), inside)
        outside = [path for path in Path(folder).rglob("*") if not path.is_relative_to(inside) and path.is_file()]
        assert outside == []


@pytest.mark.parametrize("target", [b"\xff\xfe", b"a\0b"])
def test_a_link_to_no_name_is_refused(tmp_path: Path, target: bytes) -> None:
    with pytest.raises(BadPackage):
        CodeStore(tmp_path).put(archive("link", target, mode=0o120777))


def test_what_nobody_needs_is_deleted(tmp_path: Path) -> None:
    store = CodeStore(tmp_path)
    kept, gone = store.put(zipped({"a": "1"})), store.put(zipped({"a": "2"}))
    store.keep_only({kept.digest})
    assert sorted(path.name for path in tmp_path.iterdir()) == [kept.digest, f"{kept.digest}.zip"]
    with pytest.raises(FileNotFoundError):
        store.path(gone.digest)


def test_the_same_files_are_the_same_bytes() -> None:
    assert zipped({"a": "1", "b": "2"}) == zipped({"b": "2", "a": "1"})


def test_two_functions_of_one_package_are_made_at_once(tmp_path: Path) -> None:
    """Two functions of a template often share a zip, and are created side by side."""
    content = zipped({"app.py": "x = 1\n" * 20_000, **{f"m{number}.py": "" for number in range(50)}})
    code = CodeStore(tmp_path)
    with ThreadPoolExecutor(8) as threads:
        packages = list(threads.map(lambda _: code.put(content), range(8)))
    assert len(set(packages)) == 1
    assert (code.path(packages[0].digest) / "m49.py").exists()
    assert not list(tmp_path.glob(".*"))
