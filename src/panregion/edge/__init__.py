"""What is in no region: the name server, the health checkers, and the cities' proxies."""

from panregion.edge.edge import Edge
from panregion.edge.where import Asker, Map

__all__ = ["Asker", "Edge", "Map"]
