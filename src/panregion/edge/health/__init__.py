"""Health checkers at several sites, and what their findings come to."""

from panregion.edge.health.monitor import CHECKER_REGIONS, Monitor, Probe
from panregion.edge.health.probe import Target, probe
from panregion.edge.health.state import Opinion, Outcome

__all__ = ["CHECKER_REGIONS", "Monitor", "Opinion", "Outcome", "Probe", "Target", "probe"]
