"""What a proposal sends, and when: its journeys are what a write waits for."""

from panregion.replication.proposal import Proposal
from panregion.replication.register import (
    ZERO,
    Accept,
    Accepted,
    Ballot,
    Cell,
    Conclude,
    Conflict,
    Done,
    Effect,
    Offer,
    Prepare,
    Promised,
    Read,
    Refused,
    Send,
    Unchanged,
    Unknown,
    Value,
    answer,
)

REGIONS = ("a", "b", "c")


def write(data: bytes, **options: object) -> Proposal:
    return Proposal("a", "op", REGIONS, lambda _: data, **options)  # type: ignore[arg-type]


def claimed(proposal: Proposal, accepted: Ballot = ZERO, value: Value | None = None) -> Offer:
    """Its own acceptor promises; what it offers the others then."""
    (send,) = proposal.start()
    assert isinstance(send, Send)
    assert send.acceptors == ("a",)
    assert isinstance(send.request, Prepare)
    return offered(proposal.step("a", Promised(send.request.ballot, accepted, value or Value())))


def offered(effects: list[Effect]) -> Offer:
    (send,) = effects
    assert isinstance(send, Send)
    assert send.acceptors == ("b", "c")
    assert isinstance(send.request, Offer)
    return send.request


def test_a_new_item_takes_one_journey() -> None:
    proposal = write(b"x")
    offer = claimed(proposal)
    assert (offer.base, offer.value.version, offer.value.data) == (ZERO, 1, b"x")
    concluding = proposal.step("b", Accepted(offer.ballot))
    assert concluding == [Send(("a",), Conclude(offer.ballot, offer.value, offer.next))]
    (done,) = proposal.step("a", Accepted(offer.ballot))
    assert isinstance(done, Done)
    assert done.value == offer.value
    assert done.hint is not None
    assert done.hint.ballot == offer.next


def test_two_others_are_a_majority_too() -> None:
    proposal = write(b"x")
    offer = claimed(proposal)
    proposal.step("b", Accepted(offer.ballot))
    (done,) = proposal.step("c", Accepted(offer.ballot))
    assert isinstance(done, Done)


def test_who_knew_an_old_state_offers_once_more_on_the_new_one() -> None:
    proposal = write(b"x")
    old = claimed(proposal, Ballot(3, "a"), Value(5, b"old"))
    newer = Value(7, b"new", ("other/0",))
    (send,) = proposal.step("b", Promised(old.ballot, Ballot(4, "b"), newer))
    assert isinstance(send, Send)
    assert isinstance(send.request, Prepare)
    again = offered(proposal.step("a", Promised(send.request.ballot, Ballot(3, "a"), Value(5, b"old"))))
    assert again.ballot > old.ballot
    assert (again.base, again.value.version) == (Ballot(4, "b"), 8)


def test_a_conflict_is_told_only_when_nobody_can_have_accepted() -> None:
    proposal = write(b"x")
    first = claimed(proposal)
    (send,) = proposal.step("b", Refused(first.ballot, Ballot(5, "b")))
    assert isinstance(send, Send)
    assert isinstance(send.request, Prepare)
    second = offered(proposal.step("a", Promised(send.request.ballot, ZERO, Value())))
    assert proposal.step("b", Refused(second.ballot, Ballot(9, "b"))) == [], "c may have accepted either"
    assert proposal.step("c", Refused(first.ballot, Ballot(5, "b"))) == []
    assert proposal.step("c", Refused(second.ballot, Ballot(9, "b"))) == [Conflict(Ballot(9, "b"))]


def test_with_an_offer_out_it_goes_on_step_by_step() -> None:
    proposal = write(b"x")
    first = claimed(proposal)
    (send,) = proposal.step("b", Refused(first.ballot, Ballot(5, "b")))
    assert isinstance(send, Send)
    assert isinstance(send.request, Prepare)
    second = offered(proposal.step("a", Promised(send.request.ballot, ZERO, Value())))
    proposal.step("b", Refused(second.ballot, Ballot(9, "b")))
    assert proposal.nearly
    (prepare,) = proposal.nudge()
    assert isinstance(prepare, Send)
    assert prepare.acceptors == REGIONS
    assert proposal.expire() == [Unknown(True)]


def test_what_is_refused_by_its_condition_is_made_sure_of_and_proposes_nothing() -> None:
    def refuse(_: bytes | None) -> bytes | None:
        raise Unchanged

    proposal = Proposal("a", "op", REGIONS, refuse)
    offer = claimed(proposal, Ballot(3, "a"), Value(5, b"old"))
    assert offer.value == Value(5, b"old")
    assert proposal.expire() == [Unknown(False)]


def test_groups_of_five_prepare() -> None:
    proposal = Proposal("a", "op", ("a", "b", "c", "d", "e"), lambda _: b"x")
    (send,) = proposal.start()
    assert isinstance(send, Send)
    assert len(send.acceptors) == 5
    assert isinstance(send.request, Prepare)


def test_an_acceptor_takes_an_offer_only_on_what_it_knows() -> None:
    ballot, later = Ballot(5, "a"), Ballot(6, "a")
    value = Value(2, b"x")
    offer = Offer(ballot, Ballot(3, "b"), value, later)
    assert answer(Cell(ZERO, Ballot(3, "b")), offer) == (Cell(later, ballot, value), Accepted(ballot))
    assert answer(Cell(), offer) == (Cell(later, ballot, value), Accepted(ballot))
    newer = Cell(Ballot(4, "c"), Ballot(4, "c"), Value(2, b"y"))
    assert answer(newer, offer) == (
        Cell(ballot, Ballot(4, "c"), Value(2, b"y")),
        Promised(ballot, Ballot(4, "c"), Value(2, b"y")),
    )
    for promised in (ballot, later):
        cell = Cell(promised)
        assert answer(cell, offer) == (cell, Refused(ballot, promised))


def test_a_read_asks_all_and_a_hint_accepts_at_once() -> None:
    (send,) = Proposal("a", "op", REGIONS, None).start()
    assert send == Send(REGIONS, Read())
    first = write(b"x")
    offer = claimed(first)
    first.step("b", Accepted(offer.ballot))
    (done,) = first.step("a", Accepted(offer.ballot))
    assert isinstance(done, Done)
    (again,) = write(b"y", hint=done.hint).start()
    assert isinstance(again, Send)
    assert again.acceptors == REGIONS
    assert isinstance(again.request, Accept)
