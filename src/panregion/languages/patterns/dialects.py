"""What the users of the language allow of it."""

from dataclasses import dataclass, field

_TEXTS = frozenset({"prefix", "suffix", "equals-ignore-case"})


@dataclass(frozen=True)
class Dialect:
    """`operators` are those of a condition, `negated` those that may stand in an anything-but.

    `lists_negated`: an anything-but's operator may have a list; `folded`: a prefix and a suffix may ignore case.
    """

    operators: frozenset[str]
    negated: frozenset[str]
    lists_negated: bool = False
    folded: frozenset[str] = field(default_factory=frozenset)


FILTER_POLICIES = Dialect(
    operators=_TEXTS | {"anything-but", "cidr", "exists", "numeric"},
    negated=frozenset({"prefix", "suffix"}),
)
EVENTS = Dialect(
    operators=_TEXTS | {"anything-but", "cidr", "exists", "numeric", "wildcard"},
    negated=_TEXTS | {"wildcard"},
    lists_negated=True,
    folded=frozenset({"prefix", "suffix"}),
)
