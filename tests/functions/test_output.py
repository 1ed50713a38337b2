"""A function's bytes as log events."""

import json
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panregion.functions.model import EnvironmentSpec, LogEvent
from panregion.functions.output import (
    EVENT_COST_BYTES,
    EVENT_MAX_BYTES,
    INVOCATION_MAX_BYTES,
    OutputReader,
    PlatformLog,
    iso,
)
from tests.functions.support import spec_of

NOW_MS = 1_700_000_000_123


def frame(text: str, at_ms: int = 5) -> bytes:
    raw = text.encode()
    return struct.pack(">IIQ", 0xA55A0003, len(raw), at_ms * 1000) + raw


def read(*chunks: bytes) -> list[LogEvent]:
    events: list[LogEvent] = []
    reader = OutputReader(events.append, lambda: NOW_MS)
    for chunk in chunks:
        reader.feed(chunk)
    reader.flush()
    return events


def test_a_line_is_an_event() -> None:
    assert read(b"one\ntwo\n") == [(NOW_MS, "one\n"), (NOW_MS, "two\n")]


def test_an_unfinished_line_comes_at_the_end() -> None:
    assert read(b"one\ntw", b"o") == [(NOW_MS, "one\n"), (NOW_MS, "two\n")]


def test_a_carriage_return_breaks_within_an_event() -> None:
    assert read(b"[ERROR] x\rTraceback\n") == [(NOW_MS, "[ERROR] x\nTraceback\n")]


def test_a_frame_is_one_event_with_its_own_time() -> None:
    assert read(b"before\n" + frame("a\nb\n", 7) + b"after\n") == [
        (NOW_MS, "before\n"),
        (7, "a\nb\n"),
        (NOW_MS, "after\n"),
    ]


def test_a_frame_ends_an_unfinished_line() -> None:
    assert read(b"half" + frame("whole")) == [(NOW_MS, "half\n"), (5, "whole\n")]


@given(st.integers(0, 3 * EVENT_MAX_BYTES), st.integers(1, 200_000))
@settings(max_examples=25, deadline=None)
def test_a_frame_of_any_length_is_one_event_and_takes_no_more_memory(length: int, step: int) -> None:
    whole = frame("x" * length) + b"after\n"
    events: list[LogEvent] = []
    reader = OutputReader(events.append, lambda: NOW_MS)
    for start in range(0, len(whole), step):
        reader.feed(whole[start : start + step])
        assert len(reader._rest) <= EVENT_MAX_BYTES + 16 + step
    assert [len(text) for _, text in events] == [min(length, EVENT_MAX_BYTES) + 1, len("after\n")]


def test_a_frame_that_promises_more_than_it_has_is_kept_to_its_limit() -> None:
    events: list[LogEvent] = []
    reader = OutputReader(events.append, lambda: NOW_MS)
    reader.feed(struct.pack(">IIQ", 0xA55A0003, 0xFFFFFFFF, 5000))
    for _ in range(32):
        reader.feed(b"x" * 65_536)
    assert len(events) == 1
    assert len(reader._rest) <= EVENT_MAX_BYTES


@pytest.mark.parametrize("line", [b"\n", b"x\n", b"x" * 1000 + b"\n", frame("y" * 50)])
def test_a_flood_is_cut_short_whatever_its_lines_are(line: bytes) -> None:
    events: list[LogEvent] = []
    reader = OutputReader(events.append, lambda: NOW_MS)
    chunk = line * (65_536 // len(line))
    for _ in range(200):
        reader.feed(chunk)
    assert sum(len(text) + EVENT_COST_BYTES for _, text in events) <= INVOCATION_MAX_BYTES + 2 * EVENT_COST_BYTES + 1000
    assert reader.dropped > 0 or b"\n" not in line
    renewed = len(events)
    reader.renew()
    reader.feed(b"again\n")
    assert (events[renewed:], reader.dropped) == ([(NOW_MS, "again\n")], 0)


def test_what_is_not_text_is_shown_as_such() -> None:
    assert read(b"\xff\xfe ok\n") == [(NOW_MS, "\ufffd\ufffd ok\n")]


def test_an_endless_line_is_cut() -> None:
    events = read(b"x" * (EVENT_MAX_BYTES + 10))
    assert [len(text) for _, text in events] == [EVENT_MAX_BYTES + 1, 11]


PIECES = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_characters="\n\r"), min_size=1).map(lambda text: (False, text)),
    st.text(min_size=1).map(lambda text: (True, text)),
)


@given(st.lists(PIECES), st.lists(st.integers(1, 20)))
def test_where_the_chunks_end_makes_no_difference(pieces: list[tuple[bool, str]], cuts: list[int]) -> None:
    whole = b"".join(frame(text) if framed else text.encode() + b"\n" for framed, text in pieces)
    chunks, rest = [], whole
    for cut in cuts:
        chunks.append(rest[:cut])
        rest = rest[cut:]
    assert read(*chunks, rest) == read(whole)


def platform(spec: EnvironmentSpec) -> tuple[PlatformLog, list[LogEvent]]:
    events: list[LogEvent] = []
    return PlatformLog(spec, events.append, lambda: NOW_MS), events


def test_report_is_worded_as_aws_words_it() -> None:
    log, events = platform(spec_of("f"))
    log.end("r1", 1.234, 40, 33.0, "success", "")
    log.end("r2", 3000.0, 40, None, "timeout", "")
    assert [text for _, text in events] == [
        "END RequestId: r1\n",
        "REPORT RequestId: r1\tDuration: 1.23 ms\tBilled Duration: 35 ms\tMemory Size: 128 MB\t"
        "Max Memory Used: 40 MB\tInit Duration: 33.00 ms\t\n",
        "END RequestId: r2\n",
        "REPORT RequestId: r2\tDuration: 3000.00 ms\tBilled Duration: 3000 ms\tMemory Size: 128 MB\t"
        "Max Memory Used: 40 MB\tStatus: timeout\n",
    ]


def test_json_format_reports_as_json() -> None:
    log, events = platform(spec_of("f", log_json=True))
    log.start("r1")
    log.end("r1", 1.5, 40, None, "success", "")
    start, report = (json.loads(text) for _, text in events)
    assert start == {
        "time": iso(NOW_MS),
        "type": "platform.start",
        "record": {"requestId": "r1", "version": "$LATEST"},
    }
    assert report["record"]["metrics"]["billedDurationMs"] == 2


def test_json_format_at_level_warn_tells_only_of_failures() -> None:
    log, events = platform(spec_of("f", log_json=True, system_log_level="WARN"))
    log.start("r1")
    log.end("r1", 1.5, 40, None, "success", "")
    log.end("r2", 1.5, 40, None, "timeout", "")
    assert [json.loads(text)["record"]["requestId"] for _, text in events] == ["r2"]


def test_times_are_written_in_utc() -> None:
    assert iso(NOW_MS) == "2023-11-14T22:13:20.123Z"
