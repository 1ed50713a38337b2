"""The small language of the transcripts: stories of regions that are written to, cut off, killed and healed.

A transcript is a list of steps. A step is one or more commands, a line `----`, the output they gave, and an empty line.
Steps without output leave out the line. What starts with `#` is for the reader.

    regions A B ...            these regions have a replica of the table; all is well between them
    put R KEY VALUE            write in region R, until it is acknowledged
    delete R KEY
    get R KEY                  what a user in R sees; how stale that is, if a later write was acknowledged elsewhere
    partition A B              nothing passes between A and B, and nobody is told
    partition A -> B           nothing passes from A to B
    heal                       all links are well again
    crash R / restart R        kill -9 and start on the same store
    clock R +5s                R's wall clock jumps
    advance 5s                 time passes
    settle                     time passes until all regions that can reach one another have caught up; who pulled what
    add-replica R from S       R gets a replica, copied from S, while everything goes on
    conflicts                  the union of all regions' conflict ledgers
    lag                        who is how far behind whom
    show                       the whole table, as each region has it

Regions are 40 ms apart, one way. Time is simulated; the replication code and the store are the real ones.
"""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from panregion.replication import Version, conflicts, layout
from panregion.store import Transaction
from panregion.world import SeededChance
from panregion.world.simulated import SimulatedClock, SimulatedNetwork, SimulatedTime
from tests.replication.shelf import shown, write
from tests.simulation.region import FEED, Settings, SimulatedRegion

DELAY_S = 0.040
SETTLE_S_MAX = 60.0


class Step(NamedTuple):
    comments: list[str]
    commands: list[str]
    expected: list[str]


def parse(text: str) -> Iterator[Step]:
    for block in re.split(r"\n\s*\n", text.strip("\n")):
        lines = block.split("\n")
        cut = lines.index("----") if "----" in lines else len(lines)
        head = lines[:cut]
        comments = [line for line in head if line.startswith("#")]
        commands = [line for line in head if not line.startswith("#")]
        yield Step(comments, commands, lines[cut + 1 :])


def render(steps: list[Step]) -> str:
    blocks = []
    for step in steps:
        output = ["----", *step.expected] if step.expected else []
        blocks.append("\n".join([*step.comments, *step.commands, *output]))
    return "\n\n".join(blocks) + "\n"


class Latest(NamedTuple):
    version: Version
    at: float


class Scenario:
    """One transcript's world."""

    def __init__(self, seed: int = 1) -> None:
        self.chance = SeededChance(seed)
        self.time = SimulatedTime()
        self.network = SimulatedNetwork(self.time, self.chance, (DELAY_S, DELAY_S))
        self.regions: dict[str, SimulatedRegion] = {}
        self.settings = Settings(page_bytes=200)
        self.latest: dict[bytes, list[Latest]] = {}
        self.pulled: dict[tuple[str, str], int] = {}

    def do(self, command: str) -> list[str]:
        name, *arguments = command.split()
        method: Callable[..., list[str]] = getattr(self, f"do_{name.replace('-', '_')}")
        return method(*arguments)

    def _region(self, name: str) -> SimulatedRegion:
        clock = SimulatedClock(self.time)
        return SimulatedRegion(
            name, self.time, self.network, self.chance, clock, self.regions.__getitem__, self.settings, {}
        )

    def do_regions(self, *names: str) -> list[str]:
        for name in names:
            region = self.regions[name] = self._region(name)
            region.joined = True
            region.peers = [other for other in names if other != name]
        for region in self.regions.values():
            region.start()
        self.time.run(1.0)
        return []

    def do_put(self, name: str, key: str, *value: str) -> list[str]:
        return self._write(name, key, " ".join(value).encode())

    def do_delete(self, name: str, key: str) -> list[str]:
        return self._write(name, key, None)

    def _write(self, name: str, key: str, value: bytes | None) -> list[str]:
        region = self.regions[name]
        if not region.up:
            return [f"{name} is down"]

        def step(tx: Transaction) -> Version | None:
            after = write(tx, region.site(), FEED, key.encode(), value)
            return None if after is None else after.stamp.version

        def told(version: Version | None) -> None:
            if version is not None:
                self.latest.setdefault(key.encode(), []).append(Latest(version, self.time.elapsed))

        region.transact(step, told)
        self.time.run(0.010)
        return []

    def do_get(self, name: str, key: str) -> list[str]:
        region = self.regions[name]
        if not region.up:
            return [f"{name} is down"]
        tx = region.committed()
        item = region.items(tx, FEED).get(tx, key.encode())
        value = shown(tx, FEED).get(key.encode())
        newer = [w.at for w in self.latest.get(key.encode(), []) if item is None or w.version > item.stamp.version]
        stale = f"   (stale by {self.time.elapsed - min(newer):.3f}s)" if newer else ""
        return [("nothing" if value is None else value.decode()) + stale]

    def do_partition(self, a: str, b: str, to: str = "") -> list[str]:
        if b == "->":
            self.network.cuts.add((a, to))
        else:
            self.network.cut(a, b)
        return []

    def do_heal(self) -> list[str]:
        self.network.heal()
        return []

    def do_crash(self, name: str) -> list[str]:
        self.regions[name].crash()
        return []

    def do_restart(self, name: str) -> list[str]:
        self.regions[name].start()
        return []

    def do_clock(self, name: str, by: str) -> list[str]:
        self.regions[name].clock.jump(float(by.removesuffix("s")))
        return []

    def do_advance(self, by: str) -> list[str]:
        self.time.run(float(by.removesuffix("s")))
        return []

    def do_settle(self) -> list[str]:
        waited_s = 0.0
        while waited_s < SETTLE_S_MAX and not self._settled():
            self.time.run(0.1)
            waited_s += 0.1
        return list(self._news())

    def _pairs(self) -> Iterator[tuple[SimulatedRegion, SimulatedRegion]]:
        for region in self.regions.values():
            for peer in region.peers:
                yield region, self.regions[peer]

    def _settled(self) -> bool:
        return all(
            not region.copying and self._behind(region, peer) == 0
            for region, peer in self._pairs()
            if region.up and peer.up and not self.network.cuts & {(region.name, peer.name), (peer.name, region.name)}
        )

    def _behind(self, region: SimulatedRegion, peer: SimulatedRegion) -> int:
        head = layout.head(peer.committed(), FEED)
        return head - layout.cursor(region.committed(), FEED, peer.name)

    def _news(self) -> Iterator[str]:
        for region, peer in self._pairs():
            cursor = layout.cursor(region.committed(), FEED, peer.name)
            new = cursor - self.pulled.get((region.name, peer.name), 0)
            self.pulled[region.name, peer.name] = cursor
            if new:
                yield f"{region.name} pulled {new} from {peer.name}"

    def do_add_replica(self, name: str, _from: str, source: str) -> list[str]:
        members = list(self.regions.values())
        region = self.regions[name] = self._region(name)
        region.start()
        for member in members:
            member.peers.append(name)
            if member.up:
                member.refresh()
        region.joined = True
        region.source = source
        region.peers = [member.name for member in members]
        region.refresh()
        return []

    def do_conflicts(self) -> list[str]:
        union = {}
        for region in self.regions.values():
            for conflict in conflicts(region.committed()):
                union[conflict.loser.version] = conflict
        lines = [
            f"{c.key.decode()}: {_image(c.loser_value)} of {c.loser.origin} gave way to "
            f"{_image(c.winner_value)} of {c.winner.origin}"
            for _, c in sorted(union.items())
        ]
        return lines or ["none"]

    def do_lag(self) -> list[str]:
        lines = []
        for region, peer in self._pairs():
            last = f", last {region.lag_ms[peer.name]:.0f} ms" if peer.name in region.lag_ms else ""
            lines.append(f"{region.name} <- {peer.name}: backlog {self._behind(region, peer)}{last}")
        return lines

    def do_show(self) -> list[str]:
        lines = []
        for region in self.regions.values():
            table = sorted(shown(region.committed(), FEED).items())
            lines.append(f"{region.name}: " + (", ".join(f"{k.decode()} {v.decode()}" for k, v in table) or "empty"))
        return lines


def _image(value: bytes | None) -> str:
    return "the deletion" if value is None else repr(value.decode())
