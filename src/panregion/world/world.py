"""What no computation can give, as one argument."""

from dataclasses import dataclass, field

from panregion.world.chance import Chance, SystemChance
from panregion.world.clock import Clock, SystemClock


@dataclass(frozen=True)
class World:
    """Time and chance; sockets, disk and processes are functions of this room that take plain arguments."""

    clock: Clock = field(default_factory=SystemClock)
    chance: Chance = field(default_factory=SystemChance)
