"""Pages of lists, and names in questions."""

from panregion.services.route53.errors import InvalidInput
from panregion.wire import dns

PAGE_MAX = 100
RECORDS_PAGE_MAX = 300


def page_size(asked: str | int, most: int = PAGE_MAX) -> int:
    """MaxItems, which travels as text. Raises InvalidInput."""
    try:
        return max(1, min(most, int(asked)))
    except ValueError as error:
        raise InvalidInput(f"{asked} is not a number of items") from error


def normal_name(name: str) -> str:
    """A name of a question in Route 53's spelling. Raises InvalidInput."""
    try:
        return dns.normal(name)
    except ValueError as error:
        raise InvalidInput(f"{name} is not a valid domain name") from error
