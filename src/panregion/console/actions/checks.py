"""Failing a health check, as one would on AWS: inverted, it takes what is well for ill, and users are sent away."""

from panregion.console.actions.action import Action, Given
from panregion.console.site import Site

HOME = "us-east-1"
"""Where Route 53's control plane lives."""


def _command(flag: str) -> str:
    return f"aws route53 update-health-check --{flag} --health-check-id "


async def _invert(site: Site, given: Given, inverted: bool) -> str:
    home = site.settings.home(HOME)
    check = given["check"]
    await site.aws.ask(home, "route53", "update_health_check", HealthCheckId=check, Inverted=inverted)
    return f"health check {check} is {'inverted: what is well counts as ill' if inverted else 'as it was'}"


async def _fail(site: Site, given: Given) -> str:
    return await _invert(site, given, True)


async def _mend(site: Site, given: Given) -> str:
    return await _invert(site, given, False)


FAIL = Action(
    "Fail",
    ("check",),
    lambda given: _command("inverted") + given["check"],
    _fail,
    lambda given: (
        f"Health check {given['check']} is inverted: what is well counts as ill, and users are sent elsewhere."
    ),
)
MEND = Action("Mend", ("check",), lambda given: _command("no-inverted") + given["check"], _mend)
