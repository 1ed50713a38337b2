"""What other services ask of load balancing beyond AWS's operations."""

from typing import Any

from panregion.services import Here, reads
from panregion.services.elbv2 import layout


@reads
def certificate_users(here: Here, certificate_arn: str) -> dict[str, Any]:
    """The load balancers that present a certificate of ACM: {"arns": [...]}."""
    users = [each.balancer_arn for each in layout.listeners(here) if certificate_arn in each.certificates]
    return {"arns": list(dict.fromkeys(users))}
