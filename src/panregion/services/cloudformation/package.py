"""Local paths in a template to objects in a bucket, as `aws cloudformation package` does it.

The template's text is edited in place, value by value, so that comments, functions and (mostly) line numbers stay as
they were written and errors point at the user's own lines. Zips are deterministic: the same files give the same
key, and deploying what has not changed uploads and updates nothing. Run by the command line, not by a region.
"""

import asyncio
import hashlib
import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import yaml

from panregion.functions import RequirementsError, requirements_installed
from panregion.services.cloudformation import reader

BUILT = Path(".aws-sam") / "build" / "template.yaml"
_LEFT_OUT = {".aws-sam", ".git", ".panregion", "__pycache__"}
_EPOCH = (1980, 1, 1, 0, 0, 0)
_REMOTE = ("s3://", "http://", "https://")


class PackageError(Exception):
    """A local path cannot be packaged; the text says which, of which resource, and why."""


@dataclass(frozen=True)
class Package:
    """The template that refers to the bucket, and what must be in the bucket under which key."""

    template: str
    objects: dict[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class _Artifact:
    """A property that may name something local: how that becomes bytes, and how the template then refers to it."""

    property: str
    pack: Callable[[Path, str], dict[str, bytes]]
    refer: Callable[[str, str], Any]


@dataclass(frozen=True)
class _Edit:
    start: int
    end: int
    text: str


def package(template: Path, bucket: str) -> Package:
    """The template ready to be sent. What `sam build` made of it is used where that exists.

    Raises PackageError, and ValidationError for a template that cannot be read.
    """
    built = template.parent / BUILT
    if built.is_file() and built.stat().st_mtime >= template.stat().st_mtime:
        template = built
    return _package(template, bucket)


def _package(template: Path, bucket: str) -> Package:
    text = template.read_text()
    root = reader.compose(text)
    body = reader.read(text)
    objects: dict[str, bytes] = {}
    edits = []
    for where, artifact, node in _local_values(root, body):
        path = template.parent / str(node.value)
        if not path.exists():
            raise PackageError(
                f"{template}: {artifact.property} of {where} (line {node.start_mark.line + 1}) refers to "
                f"{node.value}, which does not exist"
            )
        objects.update(packed := artifact.pack(path, bucket))
        key = next(iter(packed))
        edits.append(_replacing(node, artifact.refer(bucket, key)))
    for properties in _without_code(root, body):
        objects.update(packed := _function(template.parent, bucket))
        edits.append(_inserting(properties, "CodeUri", _s3_uri(bucket, next(iter(packed)))))
    return Package(_edited(text, edits), objects)


def _local_values(root: yaml.Node | None, body: dict[str, Any]) -> Iterator[tuple[str, _Artifact, yaml.ScalarNode]]:
    """(resource, artifact, the node that names something local) of everything that has to be uploaded."""
    for name, resource in (body.get("Resources") or {}).items():
        for artifact in ARTIFACTS.get(resource.get("Type") if isinstance(resource, dict) else "", ()):
            node = _at(root, "Resources", name, "Properties", *artifact.property.split("."))
            if isinstance(node, yaml.ScalarNode) and _is_local(node):
                yield name, artifact, node
    node = _at(root, "Globals", "Function", "CodeUri")
    if isinstance(node, yaml.ScalarNode) and _is_local(node):
        yield "Globals", _Artifact("CodeUri", _function, _s3_uri), node


def _is_local(node: yaml.ScalarNode) -> bool:
    return not node.tag.startswith("!") and bool(node.value) and not str(node.value).startswith(_REMOTE)


def _without_code(root: yaml.Node | None, body: dict[str, Any]) -> Iterator[yaml.MappingNode]:
    """SAM functions that say nothing of their code: it is beside the template."""
    if _at(root, "Globals", "Function", "CodeUri") is not None:
        return
    for name, resource in (body.get("Resources") or {}).items():
        if not isinstance(resource, dict) or resource.get("Type") != "AWS::Serverless::Function":
            continue
        properties = resource.get("Properties") or {}
        node = _at(root, "Resources", name, "Properties")
        if not {"CodeUri", "InlineCode", "ImageUri"} & set(properties) and isinstance(node, yaml.MappingNode):
            yield node


def _at(node: yaml.Node | None, *path: str) -> yaml.Node | None:
    for step in path:
        if not isinstance(node, yaml.MappingNode):
            return None
        node = next((value for key, value in node.value if key.value == step), None)
    return node


def _replacing(node: yaml.Node, value: Any) -> _Edit:
    return _Edit(node.start_mark.index, node.end_mark.index, msgspec.json.encode(value).decode())


def _inserting(node: yaml.MappingNode, key: str, value: Any) -> _Edit:
    written = f"{msgspec.json.encode(key).decode()}: {msgspec.json.encode(value).decode()}"
    if not node.value:  # `Properties: {}`
        return _Edit(node.start_mark.index, node.end_mark.index, f"{{{written}}}")
    first = node.value[0][0].start_mark
    after = ", " if node.flow_style else "\n" + " " * first.column
    return _Edit(first.index, first.index, written + after)


def _edited(text: str, edits: list[_Edit]) -> str:
    for edit in sorted(edits, key=lambda edit: edit.start, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def _keyed(data: bytes, suffix: str = "") -> dict[str, bytes]:
    return {hashlib.sha256(data).hexdigest()[:32] + suffix: data}


def _code(path: Path, _bucket: str) -> dict[str, bytes]:
    """A folder or a file as a zip; a zip as it is."""
    if path.is_file() and zipfile.is_zipfile(path):
        return _keyed(path.read_bytes())
    return _keyed(zipped(path))


def _function(path: Path, bucket: str) -> dict[str, bytes]:
    """A function's code, and beside it what its requirements.txt asks for; `sam build` has done that already."""
    requirements = path / "requirements.txt"
    if not requirements.is_file() or ".aws-sam" in path.resolve().parts:
        return _code(path, bucket)
    try:
        installed = asyncio.run(requirements_installed(requirements))
    except RequirementsError as error:
        raise PackageError(str(error)) from error
    return _keyed(zipped(path, *([installed] if installed else [])))


def _file(path: Path, _bucket: str) -> dict[str, bytes]:
    if not path.is_file():
        raise PackageError(f"{path} is a folder, and must be a file")
    return _keyed(path.read_bytes(), path.suffix)


def _template(path: Path, bucket: str) -> dict[str, bytes]:
    """A nested template, packaged itself; its own objects follow it."""
    nested = _package(path, bucket)
    return {**_keyed(nested.template.encode(), ".template"), **nested.objects}


def zipped(*paths: Path) -> bytes:
    """The same bytes for the same files: sorted names, one date, and of the modes only whether they execute.

    Of files with one name, that of the first path counts.
    """
    files = {name: file for path in reversed(paths) for name, file in _files(path)}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, file in sorted(files.items()):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Unix: the mode counts
            entry.external_attr = (0o100755 if file.stat().st_mode & 0o100 else 0o100644) << 16
            archive.writestr(entry, file.read_bytes())
    return buffer.getvalue()


def _files(path: Path) -> Iterator[tuple[str, Path]]:
    if path.is_file():
        yield path.name, path
        return
    for file in path.rglob("*"):
        inside = file.relative_to(path)
        if file.is_file() and not _LEFT_OUT & set(inside.parts):
            yield inside.as_posix(), file


def _s3_uri(bucket: str, key: str) -> str:
    return f"s3://{bucket}/{key}"


def _url(bucket: str, key: str) -> str:
    return f"https://s3.amazonaws.com/{bucket}/{key}"


def _s3_bucket_and_key(bucket: str, key: str) -> dict[str, str]:
    return {"S3Bucket": bucket, "S3Key": key}


def _bucket_and_key(bucket: str, key: str) -> dict[str, str]:
    return {"Bucket": bucket, "Key": key}


_DEFINITION = (_Artifact("DefinitionUri", _file, _s3_uri),)
ARTIFACTS: dict[Any, tuple[_Artifact, ...]] = {
    "AWS::ApiGateway::RestApi": (_Artifact("BodyS3Location", _file, _bucket_and_key),),
    "AWS::ApiGatewayV2::Api": (_Artifact("BodyS3Location", _file, _bucket_and_key),),
    "AWS::AppSync::FunctionConfiguration": (
        _Artifact("CodeS3Location", _file, _s3_uri),
        _Artifact("RequestMappingTemplateS3Location", _file, _s3_uri),
        _Artifact("ResponseMappingTemplateS3Location", _file, _s3_uri),
    ),
    "AWS::AppSync::GraphQLSchema": (_Artifact("DefinitionS3Location", _file, _s3_uri),),
    "AWS::AppSync::Resolver": (
        _Artifact("CodeS3Location", _file, _s3_uri),
        _Artifact("RequestMappingTemplateS3Location", _file, _s3_uri),
        _Artifact("ResponseMappingTemplateS3Location", _file, _s3_uri),
    ),
    "AWS::CloudFormation::Stack": (_Artifact("TemplateURL", _template, _url),),
    "AWS::Lambda::Function": (_Artifact("Code", _function, _s3_bucket_and_key),),
    "AWS::Lambda::LayerVersion": (_Artifact("Content", _code, _s3_bucket_and_key),),
    "AWS::Serverless::Api": _DEFINITION,
    "AWS::Serverless::Application": (_Artifact("Location", _template, _url),),
    "AWS::Serverless::Function": (_Artifact("CodeUri", _function, _s3_uri),),
    "AWS::Serverless::HttpApi": _DEFINITION,
    "AWS::Serverless::LayerVersion": (_Artifact("ContentUri", _code, _s3_uri),),
    "AWS::Serverless::StateMachine": _DEFINITION,
    "AWS::StepFunctions::StateMachine": (_Artifact("DefinitionS3Location", _file, _bucket_and_key),),
}
