"""A function, API or rule that names another region's endpoint or ARN does not survive that region."""

from collections.abc import Iterator

from panregion.review.application import Resource
from panregion.review.failover import regions_named_in
from panregion.review.findings import Finding, finding
from panregion.review.scene import Scene
from panregion.review.symbols import readable, texts_in

_LOOKED_AT = {
    "AWS::Lambda::Function": (("Environment", "Variables"), ("Layers",)),
    "AWS::ApiGateway::RestApi": (("Body",),),
    "AWS::ApiGateway::Method": (("Integration",),),
    "AWS::ApiGatewayV2::Integration": (("IntegrationUri",),),
    "AWS::Events::Rule": (("Targets",),),
    "AWS::Lambda::EventSourceMapping": (("EventSourceArn",),),
    "AWS::StepFunctions::StateMachine": (("DefinitionString",), ("Definition",), ("DefinitionSubstitutions",)),
}
_SHOWN = 100


def fixed_to_a_region(scene: Scene) -> Iterator[Finding]:
    """ARNs, host names and AWS_REGION-like values that name a region other than the one they are in.

    Where the template is in one region only, nothing is other. A list of all regions is no dependence on one.
    """
    world = set(scene.application.regions)
    for one in scene.application.of_type(*_LOOKED_AT):
        for path in _LOOKED_AT[one.type]:
            for text in texts_in(one.at(*path)):
                named = set(regions_named_in(text))
                if named and one.region not in named and len(named & world) < len(world):
                    yield from _found(one, path, text, sorted(named))


def _found(one: Resource, path: tuple[str, ...], text: str, named: list[str]) -> Iterator[Finding]:
    shown = readable(text if len(text) <= _SHOWN else text[:_SHOWN] + "...")
    yield finding(
        one,
        "blocks",
        f"it names {', '.join(named)} from another region ({shown}): when that is lost, it fails here, too",
        "use what is in its own region: ${AWS::Region}, or a store with a replica there",
        *path,
    )
