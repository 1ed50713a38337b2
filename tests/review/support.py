"""Templates as text, reviewed in a world of two regions."""

from pathlib import Path

from panregion.review import Asked, Finding, Objectives, Review, read_application, review
from panregion.world import WorldSettings

HOME, SECOND = "us-east-1", "eu-west-1"
WORLD = WorldSettings(regions=(HOME, SECOND))


async def reviewed(
    folder: Path,
    text: str,
    *,
    regions: tuple[str, ...] = (HOME, SECOND),
    objectives: Objectives | None = None,
    parameters: dict[str, str] | None = None,
) -> Review:
    """The review of one template, deployed as stack `app`."""
    path = folder / "template.yaml"
    path.write_text(text)
    asked = Asked(path, regions, "app", parameters or {})
    return review(await read_application(WORLD, [asked], objectives or Objectives()))


def of_rule(found: Review, rule: str) -> list[Finding]:
    return [one for one in found.findings if one.rule == rule]
