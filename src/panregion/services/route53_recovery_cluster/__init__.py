"""The data plane of recovery clusters: routing controls, switched by any of a cluster's five endpoints.

A cell (`cell.py`) is one endpoint: an acceptor and a proposer of one register (replication/), in which the five cells
keep all that their cluster agrees on. There is no leader and no control plane in the way: an operation is answered as
long as three cells reach each other. `model.py` says which changes of states the safety rules let pass.

A region has these operations too, to tell whoever asks it that a cluster's own endpoints are the ones to ask.
"""

from panregion.services.route53_recovery_cluster import api
from panregion.services.route53_recovery_cluster.cell import start
from panregion.services.service import Service

SERVICE = Service(name="route53-recovery-cluster", api=api, start=start)

__all__ = ["SERVICE"]
