"""One region: gateway (bytes to operation), service table, background work."""

from panregion.region.region import Region

__all__ = ["Region"]
