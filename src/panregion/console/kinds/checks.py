"""Route 53's health checks: their state as the edge has it, and what each checker sees."""

import asyncio
from typing import Any

from panregion.console import words
from panregion.console.aws import Away, Refused
from panregion.console.kinds.section import Act, Cell, Facts, Part, Section, aws, number
from panregion.console.kinds.zones import HEALTH, HOME
from panregion.console.site import Site

Json = dict[str, Any]
TAGS_AT_ONCE = 10
COLUMNS = ("Health check", "State", "Kind", "Why", "Act")
CHECKER_COLUMNS = (
    "Checker",
    "Holds it",
    number("Against in a row"),
    "Last seen",
    "When (UTC)",
    number("Took"),
    "Last failure",
)


def checks_section(rows: Any = ()) -> Section:
    command = aws("route53", "list-health-checks")
    return Section(
        "Health checks", command, COLUMNS, rows, "There is no health check.", "aws route53 create-health-check help"
    )


async def checks(site: Site) -> Section:
    """All checks. The edge goes on with them while Route 53's home is down; which are inverted is not known then."""
    known = (await site.edge.ask("health-checks"))["health_checks"]
    try:
        configured = await site.aws.all(site.settings.home(HOME), "route53", "list_health_checks", "HealthChecks")
    except (Away, Refused):
        configured = []
    inverted = {each["Id"]: bool(each["HealthCheckConfig"].get("Inverted")) for each in configured}
    names = await named(site, list(inverted))
    return checks_section([_row(check, names.get(check["id"]), inverted.get(check["id"])) for check in known])


async def named(site: Site, ids: list[str]) -> dict[str, str]:
    """The names that checks have by their tag "Name", as AWS's own console shows them."""
    home = site.settings.home(HOME)
    answers = await asyncio.gather(
        *(
            site.aws.ask(home, "route53", "list_tags_for_resources", ResourceType="healthcheck", ResourceIds=some)
            for some in (ids[at : at + TAGS_AT_ONCE] for at in range(0, len(ids), TAGS_AT_ONCE))
        )
    )
    sets = [each for answer in answers for each in answer["ResourceTagSets"]]
    tags = [(each["ResourceId"], tag) for each in sets for tag in each["Tags"]]
    return {check: tag["Value"] for check, tag in tags if tag["Key"] == "Name"}


def _row(check: Json, name: str | None, inverted: bool | None) -> list[str | Cell]:
    target = check["target"] or check["id"]
    return [
        Cell.link(name or target, "checks", check["id"], note=target if name else check["id"][:8]),
        _state(check, inverted),
        check["type"],
        check["why"],
        Cell("", acts=acts(check["id"], inverted)),
    ]


def _state(check: Json, inverted: bool | None) -> Cell:
    state = HEALTH[check["healthy"]]
    return Cell(state, state=state, note="inverted" if inverted else "")


def acts(id: str, inverted: bool | None) -> tuple[Act, ...]:
    """To fail it, or to mend it; none while it is not known which."""
    if inverted is None:
        return ()
    given = {"check": id}
    return (Act("mend-check", "Mend", given),) if inverted else (Act("fail-check", "Fail", given, "danger"),)


async def one(site: Site, id: str) -> list[Part]:
    """A check with its checkers. Raises EdgeRefused where there is none."""
    check = await site.edge.ask(f"health-checks/{id}")
    try:
        answer = await site.aws.ask(site.settings.home(HOME), "route53", "get_health_check", HealthCheckId=id)
        config: Json = answer["HealthCheck"]["HealthCheckConfig"]
    except (Away, Refused):
        config = {}
    return [_facts(check, config), checkers(check)]


def _facts(check: Json, config: Json) -> Facts:
    inverted = bool(config.get("Inverted")) if config else None
    facts: list[tuple[str, str | Cell]] = [
        ("State", _state(check, inverted)),
        ("Why", check["why"]),
        ("Kind", check["type"]),
        ("Asks", Cell(f"{check['target'] or ''}{config.get('ResourcePath', '')}" or words.NONE, mono=True)),
        ("Every", words.seconds(config.get("RequestInterval"))),
        ("Turns after", f"{config['FailureThreshold']} in a row" if "FailureThreshold" in config else words.NONE),
        ("Act", Cell("", acts=acts(check["id"], inverted)) if config else "Route 53's home region does not answer"),
        ("Id", Cell(check["id"], mono=True)),
    ]
    return Facts("Health check", aws("route53", "get-health-check", health_check_id=check["id"]), facts)


def checkers(check: Json) -> Section:
    """What each checker saw last."""
    rows = [
        [
            each["site"],
            Cell(HEALTH[each["healthy"]], state=HEALTH[each["healthy"]]),
            words.count(each["against"]),
            each["status"] or "nothing yet",
            words.clock(each["checked_at"]),
            words.milliseconds(each["took_ms"]),
            Cell(each["failure"] or words.NONE, note=words.clock(each["failed_at"]) if each["failed_at"] else ""),
        ]
        for each in check["checkers"]
    ]
    command = aws("route53", "get-health-check-status", health_check_id=check["id"])
    return Section("Checkers", command, CHECKER_COLUMNS, rows, "It has no checkers: it follows something else.")
