"""What a connection keeps of the rows it has read never differs from what the engine would read again."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from panregion.store import MemoryEngine, SqliteEngine
from panregion.store.engine import View
from panregion.store.rows import ROW_BYTES_MAX, ROWS_MAX, Rows

KEYS = [b"a", b"b", b"c"]
VALUES = st.one_of(st.none(), st.sampled_from([b"1", b"2", b"x" * (ROW_BYTES_MAX + 1)]))
STEPS = st.one_of(
    st.tuples(st.just("apply"), st.dictionaries(st.sampled_from(KEYS), VALUES, min_size=1)),
    st.tuples(st.sampled_from(["read", "commit", "rollback", "release", "tidy"]), st.none()),
)


def seen(view: View) -> list[bytes | None]:
    return [view.get("things", key) for key in KEYS]


@settings(max_examples=60, deadline=None)
@given(st.lists(STEPS, max_size=20))
def test_the_engine_on_disk_reads_what_the_one_in_memory_reads(
    steps: list[tuple[str, dict[bytes, bytes | None]]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        disk, memory = SqliteEngine(Path(folder) / "state.db"), MemoryEngine()
        for step, writes in steps:
            for engine in (disk, memory):
                match step:
                    case "apply":
                        engine.apply({"things": writes})
                    case "commit":
                        engine.commit()
                        engine.refresh()
                    case "rollback":
                        engine.rollback()
                    case "release":
                        engine.release()
                    case "tidy":
                        engine.release()
                        engine.tidy()
            assert seen(disk.reader) == seen(memory.reader)
            assert seen(disk.writer) == seen(memory.writer)
        disk.close()


def test_the_oldest_row_leaves_and_large_ones_are_not_kept() -> None:
    rows = Rows()
    for number in range(ROWS_MAX + 1):
        rows.keep("things", b"%d" % number, b"")
    things = rows.spaces["things"]
    assert (b"0" in things, things[b"1"]) == (False, b"")
    rows.keep("things", b"large", b"x" * (ROW_BYTES_MAX + 1))
    assert b"large" not in things
    rows.note({"things": {b"1": b"x" * (ROW_BYTES_MAX + 1), b"2": None}})
    assert (b"1" in things, things[b"2"]) == (False, None)
