"""The control plane of recovery clusters: clusters, control panels, routing controls, safety rules.

It lives in us-west-2, as on AWS (else in the world's first region). What is made or changed here is PENDING until the
cluster's cells have agreed on it (`work.py`); from then on they need nothing from here. States are the data plane's
(services/route53_recovery_cluster): this service neither knows nor changes them.
"""

from panregion.services.route53_recovery_control_config import api
from panregion.services.route53_recovery_control_config.stack import RESOURCES
from panregion.services.route53_recovery_control_config.work import WORK
from panregion.services.service import Service

SERVICE = Service(name="route53-recovery-control-config", api=api, work=WORK, resources=RESOURCES)

__all__ = ["SERVICE"]
