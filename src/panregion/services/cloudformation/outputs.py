"""A stack's outputs and exports, and who imports them."""

from dataclasses import replace

from panregion.services.cloudformation import layout
from panregion.services.cloudformation.errors import ValidationError
from panregion.services.cloudformation.intrinsics import Scope, evaluate, text
from panregion.services.cloudformation.model import Blueprint, Export, Output, Stack
from panregion.services.cloudformation.scope import scope_of, template_of
from panregion.services.here import Here


def publish(at: Here, stack: Stack, blueprint: Blueprint) -> list[Output]:
    """Work out the outputs, and keep exports and imports in step with them. Raises ValidationError."""
    made = {name: resource.made for name, resource in layout.resources(at.tx, stack.stack_id).items()}
    scope = scope_of(at, stack, blueprint, made.get)
    imported: set[str] = set()

    def export(name: str) -> str:
        imported.add(name)
        found = layout.find_export(at.tx, name)
        if found is None:
            raise ValidationError(f"No export named {name} found.")
        return found.value

    scope = replace(scope, export=export)
    outputs = work_out(blueprint, scope)
    for resource in template_of(blueprint).live(scope.conditions).values():
        evaluate(resource.get("Properties") or {}, scope)
    _export(at, stack, outputs)
    for name in _imports(at, stack) - imported:
        layout.delete_import(at.tx, name, stack.stack_id)
    for name in imported:
        layout.put_import(at.tx, name, stack)
    return outputs


def work_out(blueprint: Blueprint, scope: Scope) -> list[Output]:
    found = []
    for key, output in template_of(blueprint).outputs.items():
        if "Condition" in output and not scope.conditions(output["Condition"]):
            continue
        value = evaluate(output["Value"], scope)
        if not isinstance(value, str | int | float):
            raise ValidationError(
                "Template format error: The Value field of every Outputs member must evaluate to a String and not a "
                f"List. ({key})"
            )
        name = evaluate((output.get("Export") or {}).get("Name"), scope)
        exported = None if name is None else text(name, f"Export of {key}")
        found.append(Output(key=key, value=text(value, key), description=output.get("Description"), export=exported))
    return found


def _imports(at: Here, stack: Stack) -> set[str]:
    return {export.name for export in layout.exports(at.tx) if stack.stack_id in layout.importers(at.tx, export.name)}


def _export(at: Here, stack: Stack, outputs: list[Output]) -> None:
    new = {output.export: output.value for output in outputs if output.export is not None}
    old = {export.name: export.value for export in layout.exports(at.tx) if export.stack_id == stack.stack_id}
    for name, value in new.items():
        held = layout.find_export(at.tx, name)
        if held is not None and held.stack_id != stack.stack_id:
            holder = held.stack_id.split("/")[1]
            raise ValidationError(f"Export with name {name} is already exported by stack {holder}. ")
        if old.get(name, value) != value:
            refuse_used(at, name, "updated")
        layout.put_export(at.tx, Export(name=name, stack_id=stack.stack_id, value=value))
    for name in old.keys() - new.keys():
        refuse_used(at, name, "deleted")
        layout.delete_export(at.tx, name)


def refuse_used(at: Here, name: str, verb: str) -> None:
    users = layout.importers(at.tx, name)
    if users:
        listed = " and ".join(sorted(users.values()))
        raise ValidationError(f"Export {name} cannot be {verb} as it is in use by {listed}")


def refuse_all_used(at: Here, stack: Stack) -> None:
    """Before a stack is deleted."""
    for export in layout.exports(at.tx):
        if export.stack_id == stack.stack_id:
            refuse_used(at, export.name, "deleted")


def withdraw(at: Here, stack: Stack) -> None:
    """A deleted stack exports and imports nothing."""
    for name in _imports(at, stack):
        layout.delete_import(at.tx, name, stack.stack_id)
    for export in layout.exports(at.tx):
        if export.stack_id == stack.stack_id:
            layout.delete_export(at.tx, export.name)
