"""Layers: packages that functions share."""

from collections.abc import Iterator, Sequence

from panregion.services import Here, reads
from panregion.services.lambda_ import layout
from panregion.services.lambda_.api.pages import PAGE_MAX, page
from panregion.services.lambda_.deliver import package_of
from panregion.services.lambda_.engine import location
from panregion.services.lambda_.errors import invalid
from panregion.services.lambda_.model import LAYERS_MAX, Json, LayerUse, LayerVersion, timestamp
from panregion.services.lambda_.names import parse_layer


def layers_used(here: Here, arns: Sequence[str]) -> tuple[LayerUse, ...]:
    """The layers of a function's configuration, in order. Raises InvalidParameterValueException."""
    if len(arns) > LAYERS_MAX:
        raise invalid(f"Cannot reference more than {LAYERS_MAX} layers.")
    return tuple(layer_used(here, arn) for arn in arns)


def layer_used(here: Here, arn: str) -> LayerUse:
    name, version = parse_layer(arn)
    layer = None if version is None else layout.find_layer(here.tx, name, version)
    if layer is None:
        raise invalid(f"Layer version {arn} does not exist.")
    return LayerUse(version_arn(here, layer), layer.package)


def version_arn(here: Here, layer: LayerVersion) -> str:
    return here.arn("lambda", f"layer:{layer.name}:{layer.version}")


def describe_version(here: Here, layer: LayerVersion) -> Json:
    return {
        "LayerVersionArn": version_arn(here, layer),
        "Version": layer.version,
        "Description": layer.description,
        "CreatedDate": timestamp(layer.created_s),
        "CompatibleRuntimes": list(layer.runtimes),
        "CompatibleArchitectures": list(layer.architectures),
        "LicenseInfo": layer.license,
    }


def describe_whole(here: Here, layer: LayerVersion) -> Json:
    content = {
        "Location": location(here, layer.package.digest),
        "CodeSha256": layer.package.sha256,
        "CodeSize": layer.package.size,
    }
    arn = here.arn("lambda", f"layer:{layer.name}")
    return {"Content": content, "LayerArn": arn, **describe_version(here, layer)}


async def publish_layer_version(
    here: Here,
    layer_name: str,
    content: Json,
    description: str = "",
    compatible_architectures: list[str] | None = None,
    compatible_runtimes: list[str] | None = None,
    license_info: str = "",
) -> Json:
    name, _ = parse_layer(layer_name)
    package = await package_of(here, content)

    def record(here: Here) -> Json:
        layer = LayerVersion(
            name=name,
            version=layout.last_layer(here.tx, name) + 1,
            package=package,
            description=description,
            runtimes=tuple(compatible_runtimes or ()),
            architectures=tuple(compatible_architectures or ()),
            license=license_info,
            created_s=here.now(),
        )
        layout.add_layer(here.tx, layer)
        return describe_whole(here, layer)

    return await here.transact(record)


def delete_layer_version(here: Here, layer_name: str, version_number: int) -> None:
    name, _ = parse_layer(layer_name)
    layout.delete_layer(here.tx, name, version_number)


@reads
def get_layer_version(here: Here, layer_name: str, version_number: int) -> Json:
    name, _ = parse_layer(layer_name)
    return describe_whole(here, layout.require_layer(here, name, version_number))


@reads
def get_layer_version_by_arn(here: Here, arn: str) -> Json:
    name, version = parse_layer(arn)
    if version is None:
        raise invalid(f"{arn} is not the ARN of a layer version.")
    return describe_whole(here, layout.require_layer(here, name, version))


@reads
def list_layer_versions(
    here: Here,
    layer_name: str,
    compatible_architecture: str | None = None,
    compatible_runtime: str | None = None,
    marker: str | None = None,
    max_items: int = PAGE_MAX,
) -> Json:
    name, _ = parse_layer(layer_name)
    newest_first = reversed(list(layout.layers(here.tx, name)))
    found = fitting(newest_first, compatible_architecture, compatible_runtime)
    rest = (each for each in found if marker is None or each.version < int(marker))
    return page(
        rest, max_items, "LayerVersions", lambda each: describe_version(here, each), lambda each: str(each.version)
    )


@reads
def list_layers(
    here: Here,
    compatible_architecture: str | None = None,
    compatible_runtime: str | None = None,
    marker: str | None = None,
    max_items: int = PAGE_MAX,
) -> Json:
    found = fitting(layout.layers(here.tx), compatible_architecture, compatible_runtime)
    latest = {each.name: each for each in found}  # versions come in order: the last one stays
    rest = (each for each in latest.values() if marker is None or each.name > marker)
    return page(rest, max_items, "Layers", lambda each: describe_layer(here, each), lambda each: each.name)


def describe_layer(here: Here, latest: LayerVersion) -> Json:
    arn = here.arn("lambda", f"layer:{latest.name}")
    return {"LayerName": latest.name, "LayerArn": arn, "LatestMatchingVersion": describe_version(here, latest)}


def fitting(layers: Iterator[LayerVersion], architecture: str | None, runtime: str | None) -> Iterator[LayerVersion]:
    return (
        each
        for each in layers
        if (architecture is None or architecture in each.architectures)
        and (runtime is None or runtime in each.runtimes)
    )
