"""The language of event patterns: SNS's filter policies, EventBridge's rules, the filters of Lambda's event sources.

    pattern = compile_pattern({"kind": [{"prefix": "order."}]}, EVENTS)    # raises PatternError
    pattern.matches({"kind": "order.paid"})

A pattern is an object like the one it describes: where that has a value, it has a list of conditions, one of which must
hold; where that has an object, it has a pattern; `$or` is a list of patterns, one of which must hold. Where an event
has a list, any of its elements will do, but then for all that a pattern says of it: two conditions are not met by two
different elements.
"""

from panregion.languages.patterns.conditions import PatternError
from panregion.languages.patterns.dialects import EVENTS, FILTER_POLICIES, Dialect
from panregion.languages.patterns.index import Index
from panregion.languages.patterns.pattern import Pattern, compile_pattern

__all__ = ["EVENTS", "FILTER_POLICIES", "Dialect", "Index", "Pattern", "PatternError", "compile_pattern"]
