"""A function's requirements, installed once into a cache: what `sam build` does, without sam.

    <cache>/<hash>/        what pip made of a requirements.txt, for this Python on this machine

The hash is over the requirements' text, the interpreter and the platform. What the Lambda runtime brings along
anyway (boto3 and its kin) is taken out again where the version is the runtime's own: it would only make the package
larger and the cold start slower.
"""

import hashlib
import os
import shutil
import sys
import sysconfig
from importlib.metadata import Distribution, PackageNotFoundError, distribution, distributions
from pathlib import Path

from panregion.world.process import run

INSTALL_TIMEOUT_S = 600
RUNTIME_DISTRIBUTIONS = frozenset(
    {"boto3", "botocore", "s3transfer", "jmespath", "python-dateutil", "six", "urllib3", "awslambdaric"}
)


class RequirementsError(Exception):
    """pip could not install them; the text is pip's own."""


def default_cache() -> Path:
    """The user's cache folder, shared by all worlds."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "panregion" / "requirements"


def key_of(requirements: str) -> str:
    """What the result depends on, as a folder's name. Lines that say nothing make no difference."""
    lines = sorted(line.strip() for line in requirements.splitlines() if line.split("#")[0].strip())
    parts = [sys.version, sysconfig.get_platform(), *lines]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


async def installed(requirements: Path, cache: Path | None = None) -> Path | None:
    """The folder with what a requirements.txt asks for; None where it asks for nothing. Raises RequirementsError."""
    folder = _folder_of(requirements, cache or default_cache())
    if folder is not None and not folder.is_dir():
        await _install(requirements, folder)
    return folder


def _folder_of(requirements: Path, cache: Path) -> Path | None:
    text = requirements.read_text()
    return cache / key_of(text) if any(line.split("#")[0].strip() for line in text.splitlines()) else None


async def _install(requirements: Path, folder: Path) -> None:
    partial = folder.with_name(f".{folder.name}.{os.getpid()}")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-input"]
    try:
        code, _, errors = await run(
            [*pip, "--target", str(partial), "--requirement", str(requirements)], timeout_s=INSTALL_TIMEOUT_S
        )
        if code != 0:
            raise RequirementsError(f"{requirements} cannot be installed:\n{errors.decode(errors='replace').strip()}")
        leave_out_the_runtimes_own(partial)
        _publish(partial, folder)
    except TimeoutError as error:
        raise RequirementsError(f"{requirements} was not installed within {INSTALL_TIMEOUT_S} s") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _publish(partial: Path, folder: Path) -> None:
    if not folder.is_dir():  # somebody else may have been quicker
        partial.rename(folder)


def leave_out_the_runtimes_own(folder: Path) -> None:
    """Remove the runtime's packages from a folder, if it holds the runtime's boto3 and botocore."""
    found = {each.name.lower(): each for each in distributions(path=[str(folder)])}
    own = [each for name, each in found.items() if name in RUNTIME_DISTRIBUTIONS]
    if own and all(each.version == own_version(each.name) for each in own):
        for each in own:
            _remove(each, folder)


def own_version(name: str) -> str | None:
    try:
        return distribution(name).version
    except PackageNotFoundError:
        return None


def _remove(package: Distribution, folder: Path) -> None:
    tops = {path.parts[0] for path in package.files or () if path.parts[0] not in ("..", "bin", "__pycache__")}
    for top in tops:
        path = folder / top
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
