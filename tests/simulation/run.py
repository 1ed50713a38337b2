"""One seed: a small world is built, written to and tormented, then left in peace and looked at."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from panregion.replication import Version, conflicts, layout
from panregion.store import Transaction
from panregion.world import SeededChance
from panregion.world.simulated import SimulatedClock, SimulatedNetwork, SimulatedTime
from tests.replication.shelf import shown, write
from tests.simulation.oracle import Name, Oracle, Write
from tests.simulation.region import FEED, Settings, SimulatedRegion, WatchedShelf

NAMES = ("ap", "eu", "us", "sa")
PEACE_S_MAX = 120.0


@dataclass
class Run:
    """The world of one seed."""

    seed: int

    def __post_init__(self) -> None:
        self.chance = SeededChance(self.seed)
        self.time = SimulatedTime()
        slow = self.chance.choice([0.02, 0.2, 1.0])
        loss = self.chance.choice([0.0, 0.0, 0.05, 0.3])
        self.network = SimulatedNetwork(self.time, self.chance, (0.001, slow), loss)
        self.settings = Settings(
            feed_records_max=self.chance.choice([1_000_000] * 4 + [5]),
            feed_keep_s=self.chance.choice([float("inf"), float("inf"), 86_400.0]),
            sync_s_max=self.chance.choice([0.004, 0.3]),
            page_bytes=self.chance.choice([60, 150, 1000]),
            tombstone_keep_s=self.chance.choice([0.0, 0.5, 3.0, 1000.0]),
        )
        self.oracle = Oracle()
        self.buried: dict[bytes, Version] = {}
        self.count = 0
        self.days = 0
        self.skew_s_max = self.chance.choice([0.0, 0.05, 5.0, 90.0])
        self.keys = [b"k%d" % n for n in range(self.chance.choice([1, 2, 4, 15]))]
        number = 2 + self.chance.randrange(3)
        self.regions = {name: self.build(name) for name in NAMES[:number]}
        late = self.chance.randrange(3) == 0 and number > 2
        first = list(self.regions)[: number - 1] if late else list(self.regions)
        for name in first:
            self.regions[name].joined = True
            self.regions[name].peers = [other for other in first if other != name]
        for region in self.regions.values():
            region.start()

    def build(self, name: str) -> SimulatedRegion:
        clock = SimulatedClock(self.time, (self.chance.random() - 0.5) * 2 * self.skew_s_max)
        return SimulatedRegion(
            name, self.time, self.network, self.chance, clock, lambda n: self.regions[n], self.settings, self.buried
        )

    @property
    def copied_anew(self) -> int:
        return sum(region.copied_anew for region in self.regions.values())

    # What happens

    def run(self) -> None:
        for _ in range(1 + self.chance.randrange(3)):
            for _ in range(10 + self.chance.randrange(50)):
                self.happening()()
                self.time.run(self.chance.random() * self.chance.choice([0.01, 0.1, 0.5, 2.0]))
            self.bring_peace()
            check(self)

    def happening(self) -> Callable[[], None]:
        options = [self.some_write] * 14 + [self.cut, self.cut_one_way, self.network.heal, self.crash]
        return self.chance.choice([*options, self.restart, self.restart, self.jump, self.join, self.days_pass])

    def some(self, *, up: bool) -> SimulatedRegion | None:
        found = [region for region in self.regions.values() if region.up == up]
        return self.chance.choice(found) if found else None

    def some_write(self) -> None:
        region = self.some(up=True)
        if region is None or not region.joined or region.source is not None:
            return
        key = self.chance.choice(self.keys)
        self.count += 1
        value = None if self.chance.randrange(4) == 0 else b"%d" % self.count
        region.transact(lambda tx: self.write(tx, region, key, value), self.acknowledge)

    def write(self, tx: Transaction, region: SimulatedRegion, key: bytes, value: bytes | None) -> Write | None:
        before = WatchedShelf(region).get(tx, key)
        parent = before.stamp.version if before is not None else self.buried.get(key)
        after = write(tx, region.site(), FEED, key, value)
        return (
            None
            if after is None
            else Write(key, after.stamp.version, value, None if parent is None else name_of(parent))
        )

    def acknowledge(self, done: Write | None) -> None:
        if done is not None:
            self.oracle.committed(done)

    def cut(self) -> None:
        self.network.cut(*self.two())

    def cut_one_way(self) -> None:
        self.network.cuts.add(self.two())

    def two(self) -> tuple[str, str]:
        names = list(self.regions)
        first = self.chance.choice(names)
        return first, self.chance.choice([name for name in names if name != first])

    def crash(self) -> None:
        region = self.some(up=True)
        if region is not None:
            region.crash()

    def restart(self) -> None:
        region = self.some(up=False)
        if region is not None:
            region.start()

    def jump(self) -> None:
        region = self.chance.choice(list(self.regions.values()))
        region.clock.jump((self.chance.random() - 0.5) * 2 * self.skew_s_max)

    def days_pass(self, days: int = 2) -> None:
        """Whoever is cut off or down has been so for days: feeds are trimmed by age."""
        self.days += days
        for region in self.regions.values():
            region.clock.jump(days * 86_400.0)

    def join(self) -> None:
        """The late region gets a replica; all others know of it before it begins to copy."""
        late = [region for region in self.regions.values() if not region.joined]
        members = [region for region in self.regions.values() if region.joined]
        if not late or not all(region.up for region in [*members, *late]):
            return
        region = late[0]
        for member in members:
            member.peers.append(region.name)
            member.refresh()
        region.joined = True
        region.peers = [member.name for member in members]
        region.source = self.chance.choice(members).name
        region.refresh()

    def bring_peace(self) -> None:
        """Heal and restart everything, and wait until nothing moves."""
        self.network.heal()
        self.network.loss = min(self.network.loss, 0.05)
        for region in self.regions.values():
            if not region.up:
                region.start()
        waited_s = 0.0
        while not self.settled():
            self.time.run(1.0)
            waited_s += 1.0
            assert waited_s < PEACE_S_MAX, f"not settled after {waited_s:g} s of peace"
        self.time.run(self.chance.choice([0.0, 5.0]))  # time to forget tombstones, or none

    def settled(self) -> bool:
        members = [region for region in self.regions.values() if region.joined]
        heads = {region.name: layout.head(region.committed(), FEED) for region in members}
        return all(
            not region.copying
            and not any(region.queues.values())
            and all(layout.cursor(region.committed(), FEED, p) == heads[p] for p in region.peers)
            and not region._syncing
            for region in members
        )


# What must be true


def check(run: Run) -> None:
    members = [region for region in run.regions.values() if region.joined]
    for region in members:
        check_shown(run, region)
    ledgers = [conflict for region in members for conflict in conflicts(region.committed())]
    union = {name_of(conflict.loser.version) for conflict in ledgers}
    lost = run.oracle.lost()
    assert lost <= union, f"lost, and in no ledger: {sorted(lost - union)}"
    if run.settings.feed_records_max > run.count and (not run.days or run.settings.feed_keep_s == float("inf")):
        assert not run.copied_anew, "a feed was trimmed before all had it"
    if not run.copied_anew:
        assert union <= lost, f"in a ledger, but not lost: {sorted(union - lost)}"
    for conflict in ledgers:
        check_conflict(run, conflict)


def check_shown(run: Run, region: SimulatedRegion) -> None:
    visible = shown(region.committed(), FEED)
    for key in run.keys:
        expected = run.oracle.shown(key)
        assert visible.get(key) == expected, f"{region.name} shows {visible.get(key)!r} and not {expected!r}"


def check_conflict(run: Run, conflict: Any) -> None:
    loser = run.oracle.writes[name_of(conflict.loser.version)]
    winner = run.oracle.writes[name_of(conflict.winner.version)]
    assert loser.key == winner.key == conflict.key
    assert loser.version < winner.version
    assert (loser.value, winner.value) == (conflict.loser_value, conflict.winner_value)


def name_of(version: Version) -> Name:
    return (version.time, version.origin)
