"""Items of a transaction that is under way: nobody else may write them, or have them in a transaction of theirs.

A region runs one transaction after another, but its outcome is known to nobody before it is on disk (store/store.py:
the transactions of a group wait for one sync). Until then it is under way, and AWS refuses what meets it on an item
rather than have it wait: a write with TransactionConflictException, a transaction by cancelling it
(docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html, "Transaction conflict handling").
A transaction that reads is refused by any write that is under way. Other reads see what is committed.
"""

from panregion.services.dynamodb.errors import TransactionConflictException, TransactionInProgressException
from panregion.services.here import Here
from panregion.store import Key

ONGOING = "Transaction is ongoing for the item"
IN_PROGRESS = "The transaction with the given request token is already in progress."


def refuse_held(here: Here, key: Key) -> None:
    """Raises TransactionConflictException where the item is in a transaction under way."""
    if here.tx.held and key in here.tx.held:
        raise TransactionConflictException(ONGOING)


def refuse_written(here: Here, key: Key) -> None:
    """Raises TransactionConflictException where a write of the item is under way."""
    if here.store.under_way(key):
        raise TransactionConflictException(ONGOING)


def refuse_repeated(here: Here, token: Key) -> None:
    """Raises TransactionInProgressException where the transaction that has this token is under way."""
    if token in here.tx.held:
        raise TransactionInProgressException(IN_PROGRESS)
