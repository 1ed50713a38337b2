"""One region: gateway (bytes to operation), service table, background work.

Control and the command line take from this room the words in which a region is told of faults; they must not pay for
all of a region's code, so that comes when somebody asks for it.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from panregion.region.region import Region

__all__ = ["Region"]


def __getattr__(name: str) -> Any:
    if name == "Region":
        from panregion.region.region import Region

        return Region
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
