"""The other way of copying the catalog of examples/food-for-thought: a global table, chosen by a parameter."""

import pytest

from panregion.testing import World
from tests.food.catalog import EXAMPLE, MASTER, SOUP_KITCHEN, THIRD, changed, put, refused, shown_in
from tests.food.whole import WHOLE

pytestmark = [
    WHOLE,
    pytest.mark.timeout(400),
    pytest.mark.world(
        health_check_scale=0.2,  # checkers that ask every half second would be most of what two cores have to do
        regions=["us-east-1", "eu-west-1", "eu-central-1"],
        stacks=[
            {"template": f"{EXAMPLE}/global.yaml", "name": "food-global", "regions": [MASTER]},
            {
                "template": f"{EXAMPLE}/catalog.yaml",
                "name": "food-catalog",
                "parameters": {"Replication": "global-table"},
            },
        ],
    ),
]


def test_it_behaves_as_the_stream_does(world: World) -> None:
    wanted = changed(world, "/restaurants/soup", SOUP_KITCHEN)
    for region in world.regions:
        assert world.eventually(lambda region=region: shown_in(world, region, "soup") == wanted)  # type: ignore[misc]
    with world.region(THIRD).kill():
        later = changed(world, "/restaurants/soup", {**SOUP_KITCHEN, "name": "Soup, still"})
    assert world.eventually(lambda: shown_in(world, THIRD, "soup") == later)
    changed(world, "/restaurants/soup", None)
    for region in world.regions:
        assert world.eventually(lambda region=region: shown_in(world, region, "soup") is None)  # type: ignore[misc]
    with world.region(MASTER).kill():
        refusal = world.eventually(lambda: refused(put(world, "/restaurants/soup", SOUP_KITCHEN)))
    assert (refusal["error"], refusal["master"]) == ("NotMaster", MASTER)
