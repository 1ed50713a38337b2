"""Local paths to objects in a bucket."""

import io
import zipfile
from pathlib import Path

import pytest

from panregion.services.cloudformation import reader
from panregion.services.cloudformation.package import Package, PackageError, package
from tests.functions.test_requirements import wheel

SAM = """# Grüße
Transform: AWS::Serverless-2016-10-31
Resources:
  One:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/   # the code
      Handler: app.handler
  Two:
    Type: AWS::Lambda::Function
    Properties: {Code: src, Role: !GetAtt R.Arn}
  Far:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: "s3://elsewhere/code.zip"}
  Api:
    Type: AWS::Serverless::Api
    Properties: {DefinitionUri: api.yaml}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "src" / "__pycache__").mkdir(parents=True)
    (tmp_path / "src" / "app.py").write_text("def handler(e, c): ...")
    (tmp_path / "src" / "__pycache__" / "app.pyc").write_bytes(b"")
    (tmp_path / "api.yaml").write_text("openapi: 3.0.1")
    (tmp_path / "template.yaml").write_text(SAM)
    return tmp_path


def _names(data: bytes) -> list[str]:
    return zipfile.ZipFile(io.BytesIO(data)).namelist()


def test_local_paths_become_objects_and_the_rest_stays_as_written(folder: Path) -> None:
    packaged = package(folder / "template.yaml", "b")
    resources = reader.read(packaged.template)["Resources"]
    uri = resources["One"]["Properties"]["CodeUri"]
    key = uri.removeprefix("s3://b/")
    assert _names(packaged.objects[key]) == ["app.py"]
    assert resources["Two"]["Properties"] == {
        "Code": {"S3Bucket": "b", "S3Key": key},
        "Role": {"Fn::GetAtt": ["R", "Arn"]},
    }
    assert resources["Far"]["Properties"]["CodeUri"] == "s3://elsewhere/code.zip"
    assert packaged.objects[resources["Api"]["Properties"]["DefinitionUri"].removeprefix("s3://b/")]
    assert f'CodeUri: "{uri}"   # the code' in packaged.template
    assert len(packaged.template.splitlines()) == len(SAM.splitlines())


def test_the_same_files_give_the_same_package(folder: Path) -> None:
    first = package(folder / "template.yaml", "b")
    (folder / "src" / "app.py").touch()
    assert package(folder / "template.yaml", "b") == first
    (folder / "src" / "app.py").write_text("changed")
    assert package(folder / "template.yaml", "b") != first


def test_a_function_that_names_no_code_has_it_beside_the_template(folder: Path) -> None:
    (folder / "template.yaml").write_text(
        "Resources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      Handler: a.b\n      Timeout: 3\n"
    )
    packaged = package(folder / "template.yaml", "b")
    properties = reader.read(packaged.template)["Resources"]["F"]["Properties"]
    assert set(properties) == {"CodeUri", "Handler", "Timeout"}
    [data] = packaged.objects.values()
    assert _names(data) == ["api.yaml", "src/app.py", "template.yaml"]


def test_code_in_globals(folder: Path) -> None:
    (folder / "template.yaml").write_text(
        '{"Globals": {"Function": {"CodeUri": "src"}},\n\t"Resources": {"F": {"Type": "AWS::Serverless::Function"}}}'
    )
    packaged = package(folder / "template.yaml", "b")
    assert reader.read(packaged.template)["Globals"]["Function"]["CodeUri"].startswith("s3://b/")


def test_a_nested_template_is_packaged_itself(folder: Path) -> None:
    (folder / "parent.yaml").write_text(
        "Resources:\n  N:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n      TemplateURL: template.yaml\n"
    )
    packaged = package(folder / "parent.yaml", "b")
    url = reader.read(packaged.template)["Resources"]["N"]["Properties"]["TemplateURL"]
    nested = packaged.objects[url.removeprefix("https://s3.amazonaws.com/b/")]
    assert b'CodeUri: "s3://b/' in nested
    assert len(packaged.objects) == 3


def test_what_sam_build_made_is_used(folder: Path) -> None:
    built = folder / ".aws-sam" / "build"
    (built / "F").mkdir(parents=True)
    (built / "F" / "built.py").write_text("")
    (built / "template.yaml").write_text("Resources: {F: {Type: AWS::Serverless::Function, Properties: {CodeUri: F}}}")
    [data] = package(folder / "template.yaml", "b").objects.values()
    assert _names(data) == ["built.py"]


def test_a_path_that_leads_nowhere_is_named(folder: Path) -> None:
    (folder / "template.yaml").write_text(SAM.replace("src/ ", "away "))
    with pytest.raises(PackageError, match=r"CodeUri of One \(line 7\) refers to away, which does not exist"):
        package(folder / "template.yaml", "b")


def test_a_template_without_local_paths_is_sent_as_it_is(folder: Path) -> None:
    (folder / "template.yaml").write_text("Resources: {Q: {Type: AWS::SQS::Queue}}")
    assert package(folder / "template.yaml", "b") == Package("Resources: {Q: {Type: AWS::SQS::Queue}}")


def test_a_functions_requirements_are_installed_beside_its_code(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (folder / "src" / "requirements.txt").write_text(f"{wheel(tmp_path / 'wheels', 'nicething', '1.2')}\n")
    archives = [
        zipfile.ZipFile(io.BytesIO(data))
        for data in package(folder / "template.yaml", "b").objects.values()
        if data[:2] == b"PK"
    ]
    assert all({"app.py", "nicething.py", "requirements.txt"} <= set(each.namelist()) for each in archives)


def test_requirements_that_cannot_be_installed_say_why(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (folder / "src" / "requirements.txt").write_text(f"{tmp_path}/missing-1.0-py3-none-any.whl\n")
    with pytest.raises(PackageError, match="cannot be installed"):
        package(folder / "template.yaml", "b")
