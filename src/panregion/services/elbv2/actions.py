"""What a rule does with a request: checked when it is written, in one form however it was written. Pure."""

from typing import Any

from panregion.services.elbv2.errors import InvalidLoadBalancerActionException, ValidationError, unsupported

Json = dict[str, Any]

GROUPS_MAX, WEIGHT_MAX = 5, 999
STICKY_MAX_S = 604_800
CONTENT_TYPES = ("text/plain", "text/css", "text/html", "application/javascript", "application/json")
REDIRECT = {"Protocol": "#{protocol}", "Port": "#{port}", "Host": "#{host}", "Path": "/#{path}", "Query": "#{query}"}
CONFIGS = {"redirect": "RedirectConfig", "fixed-response": "FixedResponseConfig"}


def normal(actions: list[Json]) -> list[Json]:
    """Actions as they are kept and shown: the one that decides. Raises ValidationError and its like."""
    if not actions:
        raise ValidationError("An action must be specified")
    for action in actions:
        if action["Type"] not in ("forward", *CONFIGS):
            raise unsupported(f"actions of type {action['Type']}")
    if len(actions) > 1:
        raise InvalidLoadBalancerActionException(
            "Exactly one action of type 'forward', 'redirect' or 'fixed-response' must be specified"
        )
    action = actions[0]
    order = {"Order": action["Order"]} if "Order" in action else {}
    if action["Type"] == "forward":
        return [{"Type": "forward", **order, **_forward(action)}]
    name = CONFIGS[action["Type"]]
    config = action.get(name)
    if config is None:
        raise ValidationError(f"A '{name}' must be specified with the action type '{action['Type']}'")
    checked = _redirect(config) if name == "RedirectConfig" else _fixed(config)
    return [{"Type": action["Type"], **order, name: checked}]


def _forward(action: Json) -> Json:
    config = action.get("ForwardConfig") or {}
    groups = config.get("TargetGroups") or []
    single = action.get("TargetGroupArn")
    if groups and single and [group.get("TargetGroupArn") for group in groups] != [single]:
        raise ValidationError("You cannot specify both TargetGroupArn and another ForwardConfig")
    if not groups and not single:
        raise ValidationError("A target group ARN must be specified")
    groups = groups or [{"TargetGroupArn": single}]
    arns = [group.get("TargetGroupArn") for group in groups]
    if len(groups) > GROUPS_MAX:
        raise ValidationError(f"An action can forward to at most {GROUPS_MAX} target groups")
    if None in arns or len(set(arns)) < len(arns):
        raise ValidationError("Each target group of a forward action must be named, and once only")
    for group in groups:
        if not 0 <= group.get("Weight", 1) <= WEIGHT_MAX:
            raise ValidationError(f"The weight of a target group must be between 0 and {WEIGHT_MAX}")
    shown = [{"TargetGroupArn": group["TargetGroupArn"], "Weight": group.get("Weight", 1)} for group in groups]
    sticky = _sticky(config.get("TargetGroupStickinessConfig") or {})
    lone = {"TargetGroupArn": arns[0]} if len(arns) == 1 else {}
    return {**lone, "ForwardConfig": {"TargetGroups": shown, "TargetGroupStickinessConfig": sticky}}


def _sticky(config: Json) -> Json:
    if not config.get("Enabled"):
        return {"Enabled": False}
    duration = config.get("DurationSeconds")
    if duration is None or not 1 <= duration <= STICKY_MAX_S:
        raise ValidationError(f"The stickiness duration must be between 1 and {STICKY_MAX_S} seconds")
    return {"Enabled": True, "DurationSeconds": duration}


def _redirect(config: Json) -> Json:
    whole = {**REDIRECT, **config}
    if not whole["Path"].startswith("/"):
        raise ValidationError("The path of a redirect must begin with '/'")
    port = whole["Port"]
    if port != "#{port}" and not (port.isdigit() and 1 <= int(port) <= 65535):
        raise ValidationError(f"The redirect port '{port}' is not valid")
    if all(whole[name] == REDIRECT[name] for name in ("Protocol", "Port", "Host", "Path")):
        raise InvalidLoadBalancerActionException("The redirect configuration is not valid because it creates a loop.")
    return whole


def _fixed(config: Json) -> Json:
    kind = config.get("ContentType")
    if kind and kind not in CONTENT_TYPES:
        raise ValidationError(f"The content type '{kind}' must be one of '[{', '.join(CONTENT_TYPES)}]'")
    return dict(config)
