"""What every operation of DynamoDB has around it: the language's complaints become DynamoDB's errors."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from panregion.languages.dynamodb import DynamoDbLanguageError, ValueMalformed
from panregion.services.dynamodb.errors import SerializationException, ValidationException

Operation = Callable[..., dict[str, Any]]


def operation(function: Operation) -> Operation:
    """Translate what the language room raises; it knows no AWS errors."""

    @wraps(function)
    def run(*args: Any, **kwargs: Any) -> dict[str, Any]:
        try:
            return function(*args, **kwargs)
        except ValueMalformed as error:
            raise SerializationException(str(error)) from error
        except DynamoDbLanguageError as error:
            raise ValidationException(str(error)) from error

    return run
