"""What a distribution does with a request, for those who trace one. Pure: nothing is asked of caches or origins."""

from panregion.edge.cloudfront.plan import Behavior, Plan

Told = tuple[str, str, str]
"""(what, who decides it, what is decided)."""


def explain(plan: Plan, patterns: list[str], path: str) -> list[Told]:
    """The behaviour that a path gets, why not the others, and the origin. `patterns`: the behaviours', but the last."""
    chosen = plan.behavior_for(path)
    told: list[Told] = [("distribution", plan.id, plan.domain if plan.enabled else "disabled")]
    names = [*patterns, "default (*)"]
    for behavior, name in zip(plan.behaviors, names, strict=True):
        if behavior is chosen:
            told.append(("behavior", name, f"{path} matches; {_caching(behavior)}"))
        elif plan.behaviors.index(behavior) < plan.behaviors.index(chosen):
            told.append(("", f"  not {name}", f"{path} does not match"))
        else:
            told.append(("", f"  not {name}", "an earlier one matches"))
    first, *others = chosen.origins
    told.append(("origin", first.id, first.host + first.path))
    told += [("", f"  if that fails: {each.id}", each.host + each.path) for each in others]
    return told


def _caching(behavior: Behavior) -> str:
    if not behavior.caches:
        return "nothing is cached"
    return f"cached for {behavior.ttls.default:g} s unless the origin says otherwise"
