"""What an update would change: the Changes of a change set, and whether there is anything to do at all.

The new template is evaluated against what exists now. A resource that will only exist afterwards stands as a
placeholder, and so does all that is made of it.
"""

from typing import Any

import msgspec

from panregion.services.cloudformation import dynamic, layout, steps
from panregion.services.cloudformation.errors import ValidationError
from panregion.services.cloudformation.intrinsics import NO_VALUE, Scope, evaluate
from panregion.services.cloudformation.model import Blueprint, Change, Detail, Made, Output, Resource, Stack
from panregion.services.cloudformation.outputs import work_out
from panregion.services.cloudformation.removal import kept
from panregion.services.cloudformation.scope import scope_of, template_of
from panregion.services.here import Here

LATER = "{{changeSet:KNOWN_AFTER_APPLY}}"


class _Later(dict[str, Any]):
    """The attributes of what does not exist yet: any name gives the placeholder."""

    def __contains__(self, name: object) -> bool:
        return True

    def __getitem__(self, name: str) -> Any:
        return LATER


async def changes(here: Here, stack: Stack, blueprint: Blueprint) -> list[Change]:
    """In the order in which the engine would take them; removals last."""
    found = here.read(lambda at: layout.resources(at.tx, stack.stack_id))
    existing = {name: one for name, one in found.items() if one.made.physical_id is not None}
    made = {name: resource.made for name, resource in existing.items()}
    scope = scope_of(here, stack, blueprint, lambda name: made.get(name, _later_made()))
    template = template_of(blueprint)
    live = template.live(scope.conditions)
    _check_types(existing, live)
    result: list[Change] = []
    for name in in_order(template.needs(scope.conditions)):
        spec = live[name]
        if name not in existing:
            result.append(Change(action="Add", logical_id=name, type=spec["Type"]))
            continue
        change = await _modification(here, existing[name], spec, scope)
        if change is not None:
            result.append(change)
            if change.replacement == "True":
                made[name] = _later_made()
    result += [_removal(existing[name]) for name in sorted(existing) if name not in live]
    return result


def _later_made() -> Made:
    return Made(suffix="", physical_id=LATER, attributes=_Later())


def _check_types(existing: dict[str, Resource], live: dict[str, dict[str, Any]]) -> None:
    moved = [name for name in live if name in existing and existing[name].type != live[name]["Type"]]
    if moved:
        raise ValidationError(
            "Update of resource type is not permitted. The new template modifies resource type of the following "
            f"resources: [{', '.join(moved)}]"
        )


def in_order(graph: dict[str, set[str]]) -> list[str]:
    """Needs before those that need them."""
    done: dict[str, None] = {}

    def visit(name: str) -> None:
        if name not in done:
            for need in sorted(graph[name]):
                visit(need)
            done[name] = None

    for name in graph:
        visit(name)
    return list(done)


async def _modification(here: Here, old: Resource, spec: dict[str, Any], scope: Scope) -> Change | None:
    try:
        properties = evaluate(spec.get("Properties") or {}, scope)
        new = await dynamic.resolve(here, {} if properties is NO_VALUE else properties)
    except ValidationError:  # a function that needs the value of what does not exist yet
        new = dict.fromkeys(spec.get("Properties") or {}, LATER)
    names = sorted(steps.changed_names(old.made.properties, new))
    scopes = (["Properties"] if names else []) + (["Metadata"] if old.made.metadata != spec.get("Metadata") else [])
    if not scopes:
        return None
    kind = here.resource_types[old.type]
    replacing = kind.replaces_on | kind.replaces_if(old.made.properties, new)
    details = [_detail(name, kind.update is None or name in replacing, new) for name in names]
    recreations = {detail.recreation for detail in details}
    replacement = "True" if "Always" in recreations else "Conditional" if "Conditionally" in recreations else "False"
    return Change(
        action="Modify",
        logical_id=old.logical_id,
        type=old.type,
        physical_id=old.made.physical_id,
        replacement=replacement,
        scope=scopes,
        details=details,
        policy_action="ReplaceAndDelete" if replacement == "True" else None,
    )


def _detail(name: str, recreates: bool, new: dict[str, Any]) -> Detail:
    later = LATER in msgspec.json.encode(new.get(name)).decode()
    recreation = ("Conditionally" if later else "Always") if recreates else "Never"
    return Detail(
        attribute="Properties",
        name=name,
        recreation=recreation,
        evaluation="Dynamic" if later else "Static",
        source="ResourceReference" if later else "DirectModification",
    )


def _removal(old: Resource) -> Change:
    return Change(
        action="Remove",
        logical_id=old.logical_id,
        type=old.type,
        physical_id=old.made.physical_id,
        policy_action="Retain" if kept(old.made.deletion_policy, rolls_back=False) else "Delete",
    )


async def nothing_changes(here: Here, stack: Stack, blueprint: Blueprint, planned: list[Change]) -> bool:
    """Whether executing the blueprint would leave all as it is: resources, outputs, tags."""
    return not planned and _outputs(here, stack, blueprint) == stack.outputs and blueprint.tags == stack.tags


def _outputs(here: Here, stack: Stack, blueprint: Blueprint) -> list[Output]:
    made = {name: one.made for name, one in here.read(lambda at: layout.resources(at.tx, stack.stack_id)).items()}
    return work_out(blueprint, scope_of(here, stack, blueprint, made.get))
