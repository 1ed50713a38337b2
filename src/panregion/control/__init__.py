"""Control: starts, watches, kills and heals the processes of a world; the one API behind CLI, console and tests."""

from panregion.control.client import ControlClient, ControlError, FaultHandle, Lease, NotRunning
from panregion.control.deployment import Deployment, DeploymentFailed, deploy_everywhere
from panregion.control.launch import AlreadyRunning, progress, running_status, start_control, wait_until_stopped
from panregion.control.ports import PortTaken
from panregion.control.supervisor import StartFailed

__all__ = [
    "AlreadyRunning",
    "ControlClient",
    "ControlError",
    "Deployment",
    "DeploymentFailed",
    "FaultHandle",
    "Lease",
    "NotRunning",
    "PortTaken",
    "StartFailed",
    "deploy_everywhere",
    "progress",
    "running_status",
    "start_control",
    "wait_until_stopped",
]
