"""A global table must be where its users are: in a region without a replica their calls fail, always."""

from collections.abc import Iterator

from panregion.review.findings import Finding, finding
from panregion.review.scene import Scene
from panregion.review.stores import NAME_PROPERTY, replica_regions
from panregion.review.symbols import texts_in


def missing_replicas(scene: Scene) -> Iterator[Finding]:
    """Global tables without a replica in a region whose functions name them."""
    for table in scene.application.of_type("AWS::DynamoDB::GlobalTable"):
        there = replica_regions(table)
        name = table.text(NAME_PROPERTY[table.type])
        users = [
            one
            for one in scene.application.of_type("AWS::Lambda::Function")
            if one.region not in there and name and name in set(texts_in(one.at("Environment", "Variables")))
        ]
        missing = list(dict.fromkeys(one.region for one in users))
        if missing:
            who = ", ".join(dict.fromkeys(one.logical_id for one in users))
            yield finding(
                table,
                "blocks",
                f"{who} runs in {', '.join(missing)} and uses it there, where it has no replica",
                f"add {', '.join(missing)} to Replicas",
                "Replicas",
            )
        elif len(there) == 1 and len(scene.application.regions) > 1:
            why = f"its one replica is in {there[0]}, in a world of {len(scene.application.regions)} regions"
            yield finding(table, "blocks", why, "add the other regions to Replicas", "Replicas")
