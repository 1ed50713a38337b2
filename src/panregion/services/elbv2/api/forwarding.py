"""Target groups that actions name: they must be there, be of a kind that goes together, and serve no one else."""

from typing import Any

from panregion.services import Here
from panregion.services.elbv2 import layout
from panregion.services.elbv2.errors import IncompatibleProtocolsException, TargetGroupAssociationLimitException
from panregion.services.elbv2.model import groups_of


def check_groups(here: Here, actions: list[dict[str, Any]], balancer_arn: str, protocol: str) -> None:
    """Raises TargetGroupNotFoundException, IncompatibleProtocolsException, TargetGroupAssociationLimitException."""
    arns = groups_of(actions)
    users = layout.users_of_groups(here) if arns else {}
    for arn in arns:
        group = layout.group(here, arn)
        theirs = group.protocol or "lambda"
        if theirs not in (("HTTP", "HTTPS", "lambda") if protocol in ("HTTP", "HTTPS") else (protocol,)):
            raise IncompatibleProtocolsException(
                f"Listener protocol '{protocol}' is not supported with a target group with the protocol '{theirs}'"
            )
        if any(user != balancer_arn for user in users.get(arn, [])):
            raise TargetGroupAssociationLimitException(
                f"The following target groups cannot be associated with more than one load balancer: {arn}"
            )
