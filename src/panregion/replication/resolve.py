"""What becomes of a write that arrives: the whole of conflict resolution, as one pure function.

The question is asked for one item: here it has a stamp (or none), and a write of it arrives from its
origin's feed. Four things can be true, and they exclude one another:

    known       the vector here holds the arriving write. It is the shown one delivered again (duplicate),
                or an older one that arrives late, overtaken by a write whose author had seen it (ignored).
    newer       its author had seen what is shown here. It is applied; nobody lost anything.
    concurrent  neither of the two had seen the other. The later version is shown, everywhere; the other one
                was acknowledged to somebody, and is now gone without anyone having decided so: it goes into
                the conflict ledger.

Compare single writes, never whole vectors. "Concurrent if neither vector dominates" sounds right and is
wrong as soon as there are three regions: C has received a1 and b1, which are concurrent, shows b1 and knows
{a1, b1}. Now b2 arrives from B, where a1 has not yet been heard of: its vector is {b2}, which neither
dominates {a1, b1} nor is dominated. But b2 was written over b1; nothing new was lost. What counts is
whether the arriving write knows the *shown* write and whether the vector here knows the *arriving* write.
The vectors are merged in all cases, so a1 stays known at C.

What the ledger means. A write is *lost* if nobody ever wrote over it having seen it, and it is nevertheless
not what is shown in the end. Every write has at most one parent (`Stamp.overwrote`), so the writes of an
item form a forest, and the lost ones are its leaves, but for the one that is shown. Two facts make the
union of all regions' ledgers exactly that set:

  Nothing is missed. Take the first moment at which a lost write w is beaten in any region, by y. If y knew
  w, then y's author was in a region that had known w before, and it was not shown there (or y would be its
  child), so it had been beaten earlier than the first time. So y did not know w; w did not know y, for
  versions grow along what is known; so they are concurrent and this region writes w into its ledger.
  Duplicates are by nature: other regions find the same loss. The version of the loser is its name, and the
  union is taken by it.

  Nothing is too much. In the time between, a region may beat w although somebody elsewhere had seen it and
  written c over it (a1, then a2 over it, meet a b1 that lies between them: b1 beats a1, and a moment later
  a2 beats b1; a1 lives on in a2). When c arrives it names w as its parent, and the region strikes w off its
  ledger (`Decision.retracts`), also if c itself comes late and is ignored. It cannot happen the other way
  round: once c is known, w is known and is ignored.

A region is told of every write of every other (each feed carries its own region's writes, and all are
followed), in the order they were made there; that, and that a region's times only grow, is all that is
assumed. Delivery may repeat.
"""

from enum import Enum
from typing import NamedTuple

from .version import Stamp, Version


class Outcome(Enum):
    APPLY = "apply"
    IGNORE = "ignore"
    DUPLICATE = "duplicate"


class Decision(NamedTuple):
    """What to do with the write that arrived. Always store `stamp` if it is another than before.

    `loser`     set if the two were concurrent: the one of them that is not shown; record it, with both images
    `retracts`  if the ledger here holds a loss of this version, strike it off: somebody did see it
    """

    outcome: Outcome
    stamp: Stamp
    loser: Version | None = None
    retracts: Version | None = None

    @property
    def concurrent(self) -> bool:
        return self.loser is not None


def resolve(local: Stamp | None, incoming: Stamp) -> Decision:
    if local is None:
        return Decision(Outcome.APPLY, incoming)
    retracts = incoming.overwrote if incoming.overwrote != local.version else None
    if local.covers(incoming):
        # The write adds nothing; but read from a snapshot, its stamp may know more than the write's author
        # did.
        known = local.merged(incoming)
        if local.origin == incoming.origin and local.time == incoming.time:
            return Decision(Outcome.DUPLICATE, known)
        return Decision(Outcome.IGNORE, known, None, retracts)
    if incoming.covers(local):
        return Decision(Outcome.APPLY, incoming.merged(local), None, retracts)
    if incoming.version > local.version:
        return Decision(Outcome.APPLY, incoming.merged(local), local.version, retracts)
    return Decision(Outcome.IGNORE, local.merged(incoming), incoming.version, retracts)
