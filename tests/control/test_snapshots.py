"""A world's folder kept and put back: files that were changed, made, or deleted since; and folders."""

import os
from pathlib import Path

import pytest

from panregion.control.snapshots import Snapshot


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "us-east-1" / "functions").mkdir(parents=True)
    (tmp_path / "us-east-1" / "empty").mkdir()
    (tmp_path / "logs").mkdir()
    (tmp_path / "us-east-1" / "state.db").write_bytes(b"store")
    (tmp_path / "us-east-1" / "functions" / "code.py").write_text("code")
    (tmp_path / "world.json").write_text("{}")
    return tmp_path


def state(folder: Path) -> dict[str, bytes | None]:
    """Every file with what is in it, and every folder."""
    found = (path for path in (folder / "us-east-1").rglob("*"))
    return {str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None for path in found}


def test_everything_is_as_it_was(folder: Path) -> None:
    snapshot = Snapshot(folder)
    assert not snapshot.exists
    snapshot.keep()
    before = state(folder)
    for _ in range(2):
        (folder / "us-east-1" / "state.db").write_bytes(b"other")
        (folder / "us-east-1" / "state.db-wal").write_bytes(b"log")
        (folder / "us-east-1" / "functions" / "code.py").unlink()
        (folder / "us-east-1" / "empty").rmdir()
        (folder / "us-east-1" / "new" / "folder").mkdir(parents=True)
        (folder / "us-east-1" / "new" / "folder" / "file").write_text("new")
        (folder / "edge").mkdir()
        (folder / "edge" / "health").write_text("opinions")
        snapshot.put_back()
        assert state(folder) == before
        assert not (folder / "edge").exists()


def test_logs_and_settings_are_no_state(folder: Path) -> None:
    snapshot = Snapshot(folder)
    snapshot.keep()
    (folder / "logs" / "us-east-1.log").write_text("a line")
    (folder / "world.json").write_text('{"changed": true}')
    snapshot.put_back()
    assert (folder / "logs" / "us-east-1.log").read_text() == "a line"
    assert (folder / "world.json").read_text() == '{"changed": true}'


def test_what_was_not_touched_stays_where_it_is(folder: Path) -> None:
    snapshot = Snapshot(folder)
    snapshot.keep()
    code, store = (folder / "us-east-1" / name for name in ("functions/code.py", "state.db"))
    os.utime(store, ns=(1, store.stat().st_mtime_ns))
    inodes = code.stat().st_ino, code.stat().st_ctime_ns
    store.write_bytes(b"STORE")
    snapshot.put_back()
    assert (code.stat().st_ino, code.stat().st_ctime_ns) == inodes
    assert store.read_bytes() == b"store"


def test_the_latest_state_that_was_kept_counts(folder: Path) -> None:
    snapshot = Snapshot(folder)
    snapshot.keep()
    (folder / "us-east-1" / "functions" / "more.py").write_text("more")
    snapshot.keep()
    (folder / "us-east-1" / "functions" / "more.py").unlink()
    snapshot.put_back()
    assert (folder / "us-east-1" / "functions" / "more.py").read_text() == "more"
