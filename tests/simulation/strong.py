"""Registers under simulation: one seed, three regions, proposals that overlap, and a checker for
linearizability.

Every change is a write of a value of its own; the version that it got (or that a read saw) is its place in
the order. The history is linearizable if that order is one that the clients could have seen: nobody is
placed before an operation that had ended before it began, no two writes have the same place, a read returns
the write at its place, and what was said not to have happened is nowhere.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from panregion.replication.proposal import Proposal
from panregion.replication.register import (
    Ballot,
    Cell,
    Conflict,
    Done,
    Effect,
    Hint,
    Offer,
    Prepare,
    Reply,
    Request,
    Send,
    Unchanged,
    Unknown,
    Value,
    answer,
    place_of,
)
from panregion.world import SeededChance
from panregion.world.simulated import SimulatedTime

REGIONS = ("us-east-1", "us-east-2", "us-west-2")
TIMEOUT_S = 1.0


@dataclass
class Operation:
    name: str
    region: str
    data: bytes | None
    """None: a read."""
    began: float
    ended: float = float("inf")
    outcome: Effect | None = None
    condition: bool = False
    """Write only where the number that is there is even; else leave it."""
    attempts: list[bool] = field(default_factory=list)
    """For each call of the change: whether it wanted to write."""
    found: list[bytes | None] = field(default_factory=list)
    """And what it was shown."""

    def change(self, found: bytes | None) -> bytes | None:
        wanted = not self.condition or int(found or b"0") % 2 == 0
        self.attempts.append(wanted)
        self.found.append(found)
        if not wanted:
            raise Unchanged
        return self.data

    @property
    def wrote(self) -> bool:
        """Whether the outcome is that of an attempt that wrote."""
        if self.data is None or not isinstance(self.outcome, Done):
            return False
        assert self.outcome.attempt is not None
        return self.attempts[self.outcome.attempt]


@dataclass
class StrongRun:
    seed: int
    cells: dict[str, Cell] = field(default_factory=lambda: {region: Cell() for region in REGIONS})
    kept: dict[str, Cell] = field(default_factory=lambda: {region: Cell() for region in REGIONS})
    """What of the cells is on disk: all but promises that a proposer had of its own acceptor just now."""
    floors: dict[str, int] = field(default_factory=lambda: dict.fromkeys(REGIONS, 0))
    operations: list[Operation] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = SeededChance(self.seed)
        self.time = SimulatedTime()
        self.hints: dict[str, Hint] = {}
        self.up = dict.fromkeys(REGIONS, True)
        self.life = dict.fromkeys(REGIONS, 0)
        self.cuts: set[tuple[str, str]] = set()
        self.loss = self.chance.choice([0.0, 0.05, 0.3])
        self.delay_s = self.chance.choice([0.01, 0.1, 0.5])
        self.use_hints = self.chance.randrange(4) > 0

    def run(self) -> None:
        for n in range(10 + self.chance.randrange(60)):
            self.happening(n)
            self.time.run(self.chance.random() * self.chance.choice([0.0, 0.05, 0.3, 1.0]))
        self.time.run(TIMEOUT_S + 1)
        self.cuts.clear()
        self.loss = 0.0
        self.up = dict.fromkeys(REGIONS, True)
        self.begin("us-east-1", "last", None, timeout_s=60.0)
        self.time.run(TIMEOUT_S + 60)
        last = self.operations[-1].outcome
        assert isinstance(last, Done), f"in peace a read must succeed: {last}"
        check(self.operations)

    def happening(self, n: int) -> None:
        region = self.chance.choice(REGIONS)
        kind = self.chance.randrange(20)
        if kind < 14 and self.up[region]:
            self.begin(region, f"op{n}", None if kind < 5 else b"%d" % n)
        elif kind == 14:
            self.up[region] = False
            self.life[region] += 1
            self.crash(region)
        elif kind in (15, 16):
            self.up[region] = True
        elif kind == 17:
            self.cuts.add((region, self.chance.choice([other for other in REGIONS if other != region])))
        elif kind == 18:
            self.cuts.clear()

    def crash(self, region: str) -> None:
        """What is not on disk is gone; promises that were relied on lie below the floor."""
        self.hints.pop(region, None)
        self.floors[region] = max(self.floors[region], self.cells[region].promised.round + 1)
        self.cells[region] = self.kept[region]

    def answer(self, acceptor: str, request: Request, own: bool) -> Reply:
        cell = self.cells[acceptor]
        floor = Ballot(self.floors[acceptor], "~" if self.floors[acceptor] else "")
        if cell.promised < floor:
            cell = Cell(floor, cell.accepted, cell.value)
        self.cells[acceptor], reply = answer(cell, request)
        if own and isinstance(request, Prepare):
            self.time.after(self.chance.random() * 0.5, partial(self.keep, acceptor, self.cells[acceptor]))
        else:
            self.kept[acceptor] = self.cells[acceptor]
        return reply

    def keep(self, acceptor: str, cell: Cell) -> None:
        """A promise reaches the disk, if nothing came between."""
        if self.cells[acceptor] == cell:
            self.kept[acceptor] = cell

    def begin(self, region: str, name: str, data: bytes | None, timeout_s: float = TIMEOUT_S) -> None:
        operation = Operation(name, region, data, self.time.elapsed, condition=self.chance.randrange(3) == 0)
        self.operations.append(operation)
        hint = self.hints.pop(region, None) if self.use_hints and data is not None else None
        change = None if data is None else operation.change
        proposal = Proposal(region, name, REGIONS, change, hint, self.cells[region].promised)
        life = self.life[region]

        def perform(effects: list[Effect]) -> None:
            for effect in effects:
                if isinstance(effect, Send):
                    for acceptor in effect.acceptors:
                        send(acceptor, effect.request)
                else:
                    self.end(operation, effect)

        def send(acceptor: str, request: Request) -> None:
            self.carry(region, acceptor, lambda: receive(acceptor, request), twice=not isinstance(request, Offer))

        def receive(acceptor: str, request: Request) -> None:
            if self.up[acceptor]:
                reply = self.answer(acceptor, request, acceptor == region)
                self.carry(acceptor, region, lambda: alive(lambda: proposal.step(acceptor, reply)))

        def alive(step: Callable[[], list[Effect]]) -> None:
            if self.up[region] and self.life[region] == life:
                perform(step())

        perform(proposal.start())
        for _ in range(self.chance.randrange(3)):
            self.time.after(self.chance.random() * TIMEOUT_S, lambda: alive(proposal.nudge))
        self.time.after(timeout_s, lambda: alive(proposal.expire))

    def carry(self, a: str, b: str, event: Any, *, twice: bool = True) -> None:
        """A datagram: late, out of order, perhaps twice, perhaps never."""
        if a == b:
            self.time.after(0.0, event)
            return
        if (a, b) in self.cuts or self.chance.random() < self.loss:
            return
        for _ in range(2 if twice and self.chance.random() < 0.05 else 1):
            self.time.after(self.chance.random() * self.delay_s, event)

    def end(self, operation: Operation, outcome: Effect) -> None:
        operation.ended = self.time.elapsed
        operation.outcome = outcome
        if isinstance(outcome, Done) and outcome.hint is not None:
            self.hints[operation.region] = outcome.hint
        else:
            self.hints.pop(operation.region, None)


def check(operations: list[Operation]) -> None:
    """Whether the history of one register is linearizable."""
    chosen: dict[int, Value] = {}
    placed = [(o, o.outcome.value) for o in operations if isinstance(o.outcome, Done)]
    for operation, value in placed:
        known = chosen.setdefault(value.version, value)
        assert (known.data, known.recent) == (value.data, value.recent), f"two values are version {value.version}"
        if operation.wrote:
            assert place_of(value, operation.name) is not None, f"{operation.name} is said to be in, and is not"
    names = [entry.rpartition("/")[0] for value in chosen.values() for entry in value.recent]
    impossible = {o.name for o in operations if _surely_not(o)} & set(names)
    assert not impossible, f"said not to have happened, and did: {impossible}"
    for value in chosen.values():
        inside = [entry.rpartition("/")[0] for entry in value.recent]
        assert len(set(inside)) == len(inside), "a change was made twice"
    for operation, value in placed:
        for earlier, before in placed:
            if earlier.ended < operation.began:
                assert before.version <= value.version, f"{operation.name} did not see {earlier.name}"
                if operation.wrote:
                    assert before.version < _place(operation, value), f"{operation.name} was put before {earlier.name}"
    _check_conditions(operations, chosen)


def _check_conditions(operations: list[Operation], chosen: dict[int, Value]) -> None:
    """A condition was true of the value that the write came after, and untrue of the one it was refused on."""
    for operation in operations:
        if not isinstance(operation.outcome, Done) or operation.data is None:
            continue
        attempt = operation.outcome.attempt
        assert attempt is not None
        if operation.wrote:
            came_after = chosen.get(_place(operation, operation.outcome.value) - 1)
            assert came_after is None or came_after.data == operation.found[attempt], f"{operation.name} saw another"
        if not operation.condition:
            continue
        value = operation.outcome.value
        if operation.wrote:
            before = chosen.get(_place(operation, value) - 1)
            assert before is None or int(before.data or b"0") % 2 == 0, f"{operation.name} wrote over an odd one"
        else:
            assert int(value.data or b"0") % 2 == 1, f"{operation.name} was refused on an even one"


def _place(operation: Operation, value: Value) -> int:
    """The version that a write made; the value may already hold later ones."""
    place = place_of(value, operation.name)
    assert place is not None
    return value.version - place


def _surely_not(operation: Operation) -> bool:
    outcome = operation.outcome
    if isinstance(outcome, Done):
        return operation.data is not None and not operation.wrote
    return isinstance(outcome, Conflict) or (isinstance(outcome, Unknown) and not outcome.proposed)
