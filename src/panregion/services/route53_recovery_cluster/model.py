"""Which changes of routing controls pass, and what they make of the states. Pure.

An assertion rule is evaluated on the states that the change would leave; a gating rule on the states before it, so the
gate has to be open already. After a change, a rule's guarded controls stay as they are for its wait period. A change
that changes nothing passes always: repeating a request that was answered too late does no harm. Rules that are
overridden are silent.
"""

from collections.abc import Collection, Iterable, Mapping

import msgspec

from panregion.services.recovery import Agreed, Control, Document, Rule, State
from panregion.services.route53_recovery_cluster.errors import (
    ConflictException,
    ResourceNotFoundException,
    ServiceLimitExceededException,
    ValidationException,
)

UPDATES_MAX = 10
"""Routing controls that one call can change."""
Wanted = Mapping[str, bool]
"""Routing control's ARN -> whether it is to be on."""


def wanted(entries: list[dict[str, str]]) -> dict[str, bool]:
    """The states that a request asks for. Raises ServiceLimitExceededException, ValidationException."""
    if not entries:
        raise ValidationException("At least one routing control state entry is required", reason="other")
    if len(entries) > UPDATES_MAX:
        raise ServiceLimitExceededException(
            f"At most {UPDATES_MAX} routing control states can be updated in one request",
            limitCode="routing-controls-per-update",
            serviceCode="route53-recovery-cluster",
        )
    found = {entry["RoutingControlArn"]: entry["RoutingControlState"] == "On" for entry in entries}
    if len(found) < len(entries):
        raise ValidationException("A routing control can be named only once in a request", reason="other")
    return found


def control(document: Document, arn: str) -> Control:
    """Raises ResourceNotFoundException."""
    for each in document.controls:
        if each.arn == arn:
            return each
    raise ResourceNotFoundException(
        f"The cluster has no routing control {arn}", resourceId=arn, resourceType="routingcontrol"
    )


def controls_of(document: Document, panel_arn: str | None) -> list[Control]:
    """The controls of a panel, or all, in order. Raises ResourceNotFoundException."""
    if panel_arn is None:
        return list(document.controls)
    if all(panel.arn != panel_arn for panel in document.panels):
        raise ResourceNotFoundException(
            f"The cluster has no control panel {panel_arn}", resourceId=panel_arn, resourceType="controlpanel"
        )
    return [each for each in document.controls if each.panel_arn == panel_arn]


def changed(agreed: Agreed, wanted: Wanted, overridden: Collection[str], now: float) -> Agreed:
    """What is agreed after the change.

    Raises ResourceNotFoundException, ConflictException, ValidationException for an override that is no rule.
    """
    for arn in wanted:
        control(agreed.document, arn)
    unknown = sorted(set(overridden) - {rule.arn for rule in agreed.document.rules})
    if unknown:
        raise ResourceNotFoundException(
            f"The cluster has no safety rule {unknown[0]}", resourceId=unknown[0], resourceType="safetyrule"
        )
    changing = {arn: on for arn, on in wanted.items() if agreed.state(arn).on != on}
    if not changing:
        return agreed
    after = msgspec.structs.replace(
        agreed, states={**agreed.states, **{arn: State(on, now) for arn, on in changing.items()}}
    )
    for rule in agreed.document.rules:
        if rule.arn not in overridden and not changing.keys().isdisjoint(rule.guarded):
            _hold(rule, agreed, after, now)
    return after


def _hold(rule: Rule, before: Agreed, after: Agreed, now: float) -> None:
    """Raises ConflictException where the rule does not let a change of its guarded controls pass."""
    if not true(rule, before if rule.kind == "GATING" else after):
        text = "its gating controls do not allow it" if rule.kind == "GATING" else "its assertion would not hold"
        raise _conflict(rule, f"The safety rule {rule.name} does not allow this change: {text}")
    last = max((before.state(arn).changed_at for arn in rule.guarded), default=0.0)
    left_ms = round(rule.wait_ms - (now - last) * 1000)
    if last and left_ms > 0:
        raise _conflict(rule, f"The wait period of the safety rule {rule.name} ends in {left_ms} ms")


def _conflict(rule: Rule, message: str) -> ConflictException:
    return ConflictException(message, resourceId=rule.arn, resourceType="safetyrule")


def true(rule: Rule, agreed: Agreed) -> bool:
    """Whether a rule's evaluated controls are as it wants them."""
    on = sum(agreed.state(arn).on for arn in rule.controls)
    return (on >= rule.needed) != rule.inverted


def configured(agreed: Agreed | None, document: Document) -> Agreed | None:
    """What is agreed once a document has arrived; None where it is older than what is there."""
    if agreed is None:
        return Agreed(document)
    if document.version <= agreed.document.version:
        return None
    kept = _arns(document.controls)
    return Agreed(document, {arn: state for arn, state in agreed.states.items() if arn in kept})


def _arns(controls: Iterable[Control]) -> set[str]:
    return {each.arn for each in controls}
