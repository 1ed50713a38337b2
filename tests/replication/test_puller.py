"""The puller as a conversation: what goes in, what comes out."""

from panregion.replication.frames import Batch, Beat, Gone, Passed
from panregion.replication.puller import (
    Acknowledge,
    Applied,
    Apply,
    Close,
    CopyAnew,
    Effect,
    Ended,
    Input,
    Note,
    Open,
    Opened,
    Puller,
    Received,
    Tick,
    Wanted,
)
from panregion.world import SeededChance


class Talk:
    """A puller and the time."""

    def __init__(self) -> None:
        self.puller = Puller("eu-west-1", SeededChance(1))
        self.now = 100.0

    def __call__(self, given: Input, after_s: float = 0.0) -> list[Effect]:
        self.now += after_s
        return self.puller.step(self.now, given)

    def follow(self) -> None:
        assert self(Wanted({"t": 5})) == [Open(1, {"t": 5})]
        assert self(Opened(1)) == [Acknowledge({"t": 5})]


def test_it_opens_a_stream_applies_what_comes_and_acknowledges() -> None:
    talk = Talk()
    talk.follow()
    batch = Batch("t", 6, [b"r"], 9)
    assert talk(Received(1, batch)) == [Apply(batch)]
    assert talk.puller.backlog("t") == 4
    assert talk(Applied("t", 6)) == []
    assert talk.puller.backlog("t") == 3
    assert talk(Tick(), 1.0) == [Acknowledge({"t": 6})]


def test_attempts_over_a_cut_link_overlap_and_the_first_answer_wins() -> None:
    talk = Talk()
    assert talk(Wanted({"t": 0})) == [Open(1, {"t": 0})]
    assert talk(Tick(), 0.5) == []
    assert talk(Tick(), 0.2) == [Open(2, {"t": 0})]
    assert talk(Tick(), 0.7) == [Open(3, {"t": 0})]
    assert talk(Opened(2)) == [Close(1), Close(3), Acknowledge({"t": 0})]
    assert talk(Opened(3)) == [Close(3)]


def test_an_attempt_that_hangs_for_long_is_closed() -> None:
    talk = Talk()
    talk(Wanted({"t": 0}))
    assert Close(1) in talk(Tick(), 10.0)


def test_a_silent_stream_is_given_up_and_a_new_one_opened_at_once() -> None:
    talk = Talk()
    talk.follow()
    assert talk(Received(1, Beat()), 1.9) == [Acknowledge({"t": 5})]
    assert talk.puller.wake_at <= talk.now + 1.0
    assert talk(Tick(), 2.0) == [Close(1), Open(2, {"t": 5})]
    assert "nothing was heard" in talk.puller.reason


def test_silence_is_not_held_against_the_peer_while_frames_wait_here() -> None:
    talk = Talk()
    talk.follow()
    talk(Received(1, Batch("t", 6, [b"r"], 6)))
    assert Close(1) not in talk(Tick(), 60.0)
    assert Close(1) not in talk(Applied("t", 6))


def test_a_refused_connection_is_retried_later_each_time_within_bounds() -> None:
    talk = Talk()
    talk(Wanted({"t": 0}))
    delays = []
    for attempt in range(1, 12):
        talk(Ended(attempt, "refused"))
        delays.append(talk.puller.wake_at - talk.now)
        talk(Tick(), delays[-1])
    assert delays[0] <= 0.05
    assert 0.5 <= delays[-1] <= 1.0


def test_frames_of_a_stream_that_was_given_up_are_dropped() -> None:
    talk = Talk()
    talk.follow()
    talk(Ended(1, "reset"))
    assert talk(Received(1, Batch("t", 6, [b"r"], 6))) == []


def test_a_change_of_what_is_wanted_opens_a_new_stream() -> None:
    talk = Talk()
    talk.follow()
    assert talk(Wanted({"t": 5})) == []
    assert talk(Wanted({"t": 5, "u": 0})) == [Close(1), Open(2, {"t": 5, "u": 0})]
    assert talk(Wanted({})) == [Close(2)]
    assert talk.puller.wake_at == float("inf")


def test_no_stream_is_opened_while_frames_of_the_last_one_wait() -> None:
    talk = Talk()
    talk.follow()
    talk(Received(1, Batch("t", 6, [b"r"], 6)))
    assert talk(Ended(1, "reset")) == []
    assert talk(Tick(), 5.0) == []
    assert talk(Applied("t", 6)) == [Open(2, {"t": 6})]


def test_a_feed_that_is_gone_is_copied_anew_and_news_of_others_is_noted() -> None:
    talk = Talk()
    talk.follow()
    assert talk(Received(1, Gone("t"))) == [CopyAnew("t")]
    passed = Passed("t", 5, {"us-east-1": 3})
    assert talk(Received(1, passed)) == [Note(passed)]
