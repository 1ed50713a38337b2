"""What a Query or Scan gives of what it reads: Select, and the projection and filter that go with it.

An index that does not keep everything answers from what it keeps. For anything else a local index fetches the item
from the table; a global one refuses.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from panregion.languages.dynamodb import Predicate, Projection
from panregion.services.dynamodb.checks import INVALID
from panregion.services.dynamodb.errors import ValidationException
from panregion.services.dynamodb.model import IndexView
from panregion.services.dynamodb.sources import Source


@dataclass(frozen=True, slots=True)
class Selection:
    """`counting`: no items, only how many. `fetching`: the index does not hold all that is asked for."""

    counting: bool = False
    fetching: bool = False


def selection(
    source: Source, select: str | None, projection: Projection | None, noun: str, filter_: Predicate | None
) -> Selection:
    """Raises ValidationException. `noun` is the parameter that the projection came as."""
    _check_together(source, select, projection, noun)
    index = source.index
    counting = select == "COUNT"
    if index is None or index.kept is None:
        return Selection(counting)
    if not index.index.is_global:
        asked = [*projection_names(projection), *filter_names(filter_)]
        return Selection(counting, select == "ALL_ATTRIBUTES" or bool(not_kept(index, asked)))
    if select == "ALL_ATTRIBUTES":
        raise ValidationException(
            f"{INVALID}Select type ALL_ATTRIBUTES is not supported for global secondary index "
            f"{index.index.name} because its projection type is not ALL"
        )
    if missing := not_kept(index, projection_names(projection)):
        raise ValidationException(f"{INVALID}Global secondary index {index.index.name} does not project {missing[0]}")
    return Selection(counting)


def _check_together(source: Source, select: str | None, projection: Projection | None, noun: str) -> None:
    if projection is not None and select not in (None, "SPECIFIC_ATTRIBUTES"):
        wanted = "only the Count" if select == "COUNT" else select
        raise ValidationException(f"Cannot specify the {noun} when choosing to get {wanted}")
    if projection is None and select == "SPECIFIC_ATTRIBUTES":
        raise ValidationException(
            INVALID
            + "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES"
        )
    if select == "ALL_PROJECTED_ATTRIBUTES" and source.index is None:
        raise ValidationException("ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName")


def check_filtered(index: IndexView | None, names: Iterable[str]) -> None:
    """A query of a global index can filter by what that keeps."""
    if index is None or not index.index.is_global:
        return
    if missing := not_kept(index, names):
        raise ValidationException(
            f"{INVALID}Secondary index {index.index.name} does not project one or more filter attributes: "
            f"[{', '.join(sorted(missing, key=java_bucket))}]"
        )


def not_kept(index: IndexView, names: Iterable[str]) -> list[str]:
    """Those of the names that the index does not keep, each once."""
    kept = index.kept
    return [] if kept is None else [name for name in dict.fromkeys(names) if name not in kept]


def projection_names(projection: Projection | None) -> list[str]:
    return [] if projection is None else [str(path[0]) for path in projection.paths]


def filter_names(filter_: Predicate | None) -> list[str]:
    return [] if filter_ is None else [str(path[0]) for path in filter_.paths]


def java_bucket(text: str) -> int:
    """The place of a text in a small Java HashSet, whose order AWS's answers have."""
    code = 0
    for unit in text:
        code = (code * 31 + ord(unit)) & 0xFFFFFFFF
    return (code ^ (code >> 16)) & 15
