"""Target groups that actions name: they must be there, be of a kind that goes together, and serve no one else."""

from typing import Any

from panregion.services import Here
from panregion.services.elbv2 import layout
from panregion.services.elbv2.errors import TargetGroupAssociationLimitException
from panregion.services.elbv2.model import groups_of


def check_groups(here: Here, actions: list[dict[str, Any]], balancer_arn: str) -> None:
    """Raises TargetGroupNotFoundException, TargetGroupAssociationLimitException."""
    arns = groups_of(actions)
    users = layout.users_of_groups(here) if arns else {}
    for arn in arns:
        layout.group(here, arn)
        if any(user != balancer_arn for user in users.get(arn, [])):
            raise TargetGroupAssociationLimitException(
                f"The following target groups cannot be associated with more than one load balancer: {arn}"
            )
