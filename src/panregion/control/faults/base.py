"""What all faults have in common: a kind, a sentence, and what it wants of the world."""

from collections.abc import Iterable

import msgspec

from panregion.control.faults.effects import Effect, LinkChange, Where
from panregion.region.faults.model import kind_of


class BaseFault(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag=kind_of):
    """A fault as a value. Its fields are checked when it is read; the names in it by `effects`."""

    @property
    def kind(self) -> str:
        return kind_of(type(self).__name__)

    @property
    def lasts_s(self) -> float | None:
        """How long it lasts by its nature; None for one that stays until it is undone."""
        return None

    def describe(self) -> str:
        """A short sentence in the present: "us-east-1 is killed"."""
        raise NotImplementedError

    def effects(self, where: Where) -> Iterable[Effect]:
        """What it wants of the world. Raises ValueError where it names what the world has not."""
        raise NotImplementedError


class LinkFault(BaseFault, frozen=True, kw_only=True):
    """A fault of the link between two sites (regions, cities), or between groups: "regions", "places", "*"."""

    from_site: str = msgspec.field(name="from")
    to_site: str = msgspec.field(name="to")
    both: bool = True
    """Both directions; else only what `from` sends to `to`."""

    @property
    def ends(self) -> str:
        """The link as people write it."""
        return f"{self.from_site} {'<->' if self.both else '->'} {self.to_site}"

    def change(self) -> LinkChange:
        """What becomes of each directed link; its ends are filled in by `effects`."""
        raise NotImplementedError

    def effects(self, where: Where) -> Iterable[Effect]:
        pairs = list(where.pairs(self.from_site, self.to_site, both=self.both))
        if not pairs:
            raise ValueError(f"{self.from_site} has no link to itself")
        change = self.change()
        return [msgspec.structs.replace(change, from_site=a, to_site=b) for a, b in pairs]
