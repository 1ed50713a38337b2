"""What AWS calls the outcomes of a write that did not come through."""

from panregion.replication.proposer import Outcome
from panregion.replication.register import Unknown
from panregion.services.dynamodb.errors import InternalServerError, ReplicatedWriteConflictException
from panregion.wire import AwsError

CONFLICT = (
    "The request was rejected because one or more items in the request are being modified by a request in another "
    "Region."
)


def refusal(outcome: Outcome) -> AwsError:
    """The error of a write that is not known to be in."""
    if isinstance(outcome, Unknown):
        doubt = "it may or may not be there later" if outcome.proposed else "it did not happen"
        return InternalServerError(f"No majority of the table's regions took the write in time: {doubt}")
    return ReplicatedWriteConflictException(CONFLICT)
