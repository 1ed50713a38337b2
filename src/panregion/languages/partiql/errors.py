"""What the language refuses, in DynamoDB's words."""

from panregion.languages.dynamodb import DynamoDbLanguageError
from panregion.languages.partiql.tokens import Token


class PartiqlError(DynamoDbLanguageError):
    """`str(error)` is the text that AWS answers with."""


def malformed(text: str) -> PartiqlError:
    return PartiqlError(f"Statement wasn't well formed, can't be processed: {text}")


def at(text: str, token: Token, length: int | None = None) -> PartiqlError:
    """A complaint that says where: line, column and length."""
    return PartiqlError(f"{text} at {token.line}:{token.column}:{token.length if length is None else length}")
