"""Enabling and disabling a rule of EventBridge."""

from panregion.console.actions.action import Action, Given
from panregion.console.kinds.section import aws
from panregion.console.site import Site

FIELDS = ("region", "bus", "rule")


def _command(given: Given, operation: str) -> str:
    return aws("events", operation, given["region"], name=given["rule"], event_bus_name=given["bus"])


async def _set(site: Site, given: Given, operation: str) -> None:
    asked = {"Name": given["rule"], "EventBusName": given["bus"]}
    await site.aws.ask(given["region"], "events", operation, **asked)


async def _enable(site: Site, given: Given) -> str:
    await _set(site, given, "enable_rule")
    return f"the rule {given['rule']} in {given['region']} is enabled"


async def _disable(site: Site, given: Given) -> str:
    await _set(site, given, "disable_rule")
    return f"the rule {given['rule']} in {given['region']} is disabled"


ENABLE = Action("Enable", FIELDS, lambda given: _command(given, "enable-rule"), _enable)
DISABLE = Action(
    "Disable",
    FIELDS,
    lambda given: _command(given, "disable-rule"),
    _disable,
    lambda given: (
        f"What {given['rule']} sets going is not set going any more until it is enabled; nothing is kept for later."
    ),
)
