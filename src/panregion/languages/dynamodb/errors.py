"""What the language refuses. The texts are DynamoDB's own; the service wraps them in its ValidationException."""


class DynamoDbLanguageError(Exception):
    """The base: `str(error)` is the text that AWS answers with."""


class ExpressionError(DynamoDbLanguageError):
    """An expression does not parse, or does not fit its names and values. Carries no prefix yet."""


class ValueRejected(DynamoDbLanguageError):
    """An attribute value breaks a rule that the service model cannot say."""


class ValueMalformed(DynamoDbLanguageError):
    """An attribute value has the wrong JSON type: a serialization error on AWS, found before any rule."""


class UpdateFailed(DynamoDbLanguageError):
    """An update expression does not fit the item that it met."""
