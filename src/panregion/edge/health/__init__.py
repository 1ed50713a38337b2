"""Health checkers at several sites, and what their findings come to."""

from panregion.edge.health.memory import Held, Memory
from panregion.edge.health.monitor import CHECKER_REGIONS, Monitor, Probe
from panregion.edge.health.probe import Target, probe
from panregion.edge.health.signals import Followed, Signals
from panregion.edge.health.state import Opinion, Outcome

__all__ = [
    "CHECKER_REGIONS",
    "Followed",
    "Held",
    "Memory",
    "Monitor",
    "Opinion",
    "Outcome",
    "Probe",
    "Signals",
    "Target",
    "probe",
]
