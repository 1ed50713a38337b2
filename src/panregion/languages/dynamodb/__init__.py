"""DynamoDB's expression language, its numbers and its values."""

from panregion.languages.dynamodb.compiled import Predicate, compile_condition
from panregion.languages.dynamodb.errors import (
    DynamoDbLanguageError,
    ExpressionError,
    UpdateFailed,
    ValueMalformed,
    ValueRejected,
)
from panregion.languages.dynamodb.functions import at_most, begins_with, between, equals, less
from panregion.languages.dynamodb.keys import (
    HASH_BITS,
    KeyCondition,
    KeyPart,
    key_conditions,
    key_hash,
    key_part,
)
from panregion.languages.dynamodb.legacy import (
    AttributeUpdates,
    Clause,
    check_operator,
    compile_attributes,
    compile_expected,
    compile_filter,
    compile_key_conditions,
)
from panregion.languages.dynamodb.numbers import (
    add_numbers,
    canonical_number,
    number_key,
    subtract_numbers,
)
from panregion.languages.dynamodb.projections import Projection, compile_projection, project_paths
from panregion.languages.dynamodb.updates import Update, compile_update
from panregion.languages.dynamodb.values import (
    KINDS,
    Item,
    Value,
    kind_of,
    measure_item,
    measure_value,
    refuse_long_names,
    same,
    text_size,
)

__all__ = [
    "HASH_BITS",
    "KINDS",
    "AttributeUpdates",
    "Clause",
    "DynamoDbLanguageError",
    "ExpressionError",
    "Item",
    "KeyCondition",
    "KeyPart",
    "Predicate",
    "Projection",
    "Update",
    "UpdateFailed",
    "Value",
    "ValueMalformed",
    "ValueRejected",
    "add_numbers",
    "at_most",
    "begins_with",
    "between",
    "canonical_number",
    "check_operator",
    "compile_attributes",
    "compile_condition",
    "compile_expected",
    "compile_filter",
    "compile_key_conditions",
    "compile_projection",
    "compile_update",
    "equals",
    "key_conditions",
    "key_hash",
    "key_part",
    "kind_of",
    "less",
    "measure_item",
    "measure_value",
    "number_key",
    "project_paths",
    "refuse_long_names",
    "same",
    "subtract_numbers",
    "text_size",
]
