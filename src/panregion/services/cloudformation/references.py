"""Which names a piece of template uses, and in what order resources must be made because of that."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from panregion.services.cloudformation.errors import ValidationError
from panregion.services.cloudformation.intrinsics import (
    function_of,
    get_att_parts,
    if_parts,
    sub_parts,
    sub_variables,
)

Taken = Callable[[str], bool] | None
"""What conditions are, where they are known: then only the branches that Fn::If takes count."""


def names_in(value: Any, taken: Taken = None) -> Iterator[str]:
    """What `value` refers to by Ref, Fn::GetAtt and Fn::Sub: parameters, pseudo parameters, resources."""
    if isinstance(value, list):
        for item in value:
            yield from names_in(item, taken)
    elif isinstance(value, dict):
        yield from _names_in_dict(value, taken)


def _names_in_dict(value: dict[str, Any], taken: Taken) -> Iterator[str]:
    match function_of(value):
        case ("Ref", str(name)):
            yield name
        case ("Fn::GetAtt", argument):
            yield get_att_parts(argument)[0]
            yield from names_in(argument, taken)
        case ("Fn::Sub", argument):
            yield from _names_in_sub(argument, taken)
        case ("Fn::If", argument) if taken is not None:
            name, yes, no = if_parts(argument)
            yield from names_in(yes if taken(name) else no, taken)
        case _:
            for item in value.values():
                yield from names_in(item, taken)


def _names_in_sub(argument: Any, taken: Taken) -> Iterator[str]:
    template, own = sub_parts(argument)
    for name in sub_variables(template):
        if name not in own:
            yield name if name.startswith("AWS::") else name.split(".", 1)[0]
    yield from names_in(own, taken)


def conditions_in(value: Any) -> Iterator[str]:
    """The conditions that `value` asks by Fn::If or (inside the Conditions block) by Condition."""
    if isinstance(value, list):
        for item in value:
            yield from conditions_in(item)
    elif isinstance(value, dict):
        match function_of(value):
            case ("Fn::If", argument):
                yield if_parts(argument)[0]
            case ("Condition", str(name)):
                yield name
        for item in value.values():
            yield from conditions_in(item)


def imports_in(value: Any) -> Iterator[Any]:
    """The arguments of every Fn::ImportValue."""
    if isinstance(value, list):
        for item in value:
            yield from imports_in(item)
    elif isinstance(value, dict):
        if set(value) == {"Fn::ImportValue"}:
            yield value["Fn::ImportValue"]
        for item in value.values():
            yield from imports_in(item)


def cyclic(graph: Mapping[str, set[str]]) -> list[str]:
    """The names that are on a cycle or wait for one that is; empty when the graph can be ordered."""
    waiting = {name: set(needs) for name, needs in graph.items()}
    ready = [name for name, needs in waiting.items() if not needs]
    users: dict[str, list[str]] = {}
    for name, needs in waiting.items():
        for need in needs:
            users.setdefault(need, []).append(name)
    while ready:
        done = ready.pop()
        del waiting[done]
        for user in users.get(done, ()):
            waiting[user].discard(done)
            if not waiting[user]:
                ready.append(user)
    return sorted(_only_on_cycles(waiting))


def _only_on_cycles(waiting: Mapping[str, set[str]]) -> set[str]:
    """Without those that merely depend on a cycle: take away what nobody left needs."""
    left = dict(waiting)
    while True:
        needed = {need for needs in left.values() for need in needs}
        loose = [name for name in left if name not in needed]
        if not loose:
            return set(left)
        for name in loose:
            del left[name]


def refuse_cycles(graph: Mapping[str, set[str]]) -> None:
    names = cyclic(graph)
    if names:
        raise ValidationError(f"Circular dependency between resources: [{', '.join(names)}]")
