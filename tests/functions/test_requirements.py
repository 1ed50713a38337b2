"""Requirements installed once: a package made here, no index asked."""

import zipfile
from pathlib import Path

import pytest

from panregion.functions import RequirementsError, requirements_installed
from panregion.functions.requirements import key_of, leave_out_the_runtimes_own, own_version


def wheel(folder: Path, name: str, version: str) -> Path:
    """A wheel with one module that knows its version."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}-{version}-py3-none-any.whl"
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": f"VERSION = {version!r}\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{file},,\n" for file in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(path, "w") as made:
        for file, text in {**files, f"{info}/RECORD": record}.items():
            made.writestr(file, text)
    return path


async def test_what_is_required_is_installed_once(tmp_path: Path) -> None:
    package = wheel(tmp_path / "wheels", "nicething", "1.2")
    requirements = tmp_path / "requirements.txt"
    requirements.write_text(f"# comment\n{package}\n")
    folder = await requirements_installed(requirements, tmp_path / "cache")
    assert folder is not None
    assert (folder / "nicething.py").read_text() == "VERSION = '1.2'\n"
    package.unlink()
    assert await requirements_installed(requirements, tmp_path / "cache") == folder


async def test_nothing_required_is_nothing_installed(tmp_path: Path) -> None:
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("# nothing\n\n")
    assert await requirements_installed(requirements, tmp_path / "cache") is None


async def test_what_cannot_be_installed_says_why_and_leaves_nothing(tmp_path: Path) -> None:
    requirements = tmp_path / "requirements.txt"
    requirements.write_text(f"{tmp_path}/missing-1.0-py3-none-any.whl\n")
    with pytest.raises(RequirementsError, match="cannot be installed"):
        await requirements_installed(requirements, tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def unpacked(folder: Path, name: str, version: str) -> None:
    zipfile.ZipFile(wheel(folder.parent / "wheels", name, version)).extractall(folder)


def test_the_runtimes_own_boto3_is_left_out(tmp_path: Path) -> None:
    folder = tmp_path / "target"
    unpacked(folder, "boto3", own_version("boto3") or "")
    unpacked(folder, "nicething", "1.2")
    leave_out_the_runtimes_own(folder)
    assert sorted(path.name for path in folder.iterdir()) == ["nicething-1.2.dist-info", "nicething.py"]


def test_another_boto3_stays(tmp_path: Path) -> None:
    unpacked(tmp_path / "target", "boto3", "1.0")
    leave_out_the_runtimes_own(tmp_path / "target")
    assert (tmp_path / "target" / "boto3.py").exists()


def test_the_key_follows_what_matters() -> None:
    assert key_of("a==1\nb\n") == key_of("b  \n# comment\na==1")
    assert key_of("a==1") != key_of("a==2")
