"""Code on disk: every package once, under the hash of its zip, unpacked.

    <folder>/<sha256>.zip     as it was uploaded; written durably
    <folder>/<sha256>/        unpacked; made whole by a rename, and again from the zip should it be missing

A package that would write outside its folder, by its names or by its links, is refused.
"""

import base64
import hashlib
import io
import lzma
import shutil
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Collection, Mapping
from pathlib import Path, PurePosixPath

import msgspec

from panregion.world.disk import write_durably

UNZIPPED_MAX_BYTES = 262_144_000
EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time of every file in a zip of ours: the same code has the same hash."""


class BadPackage(Exception):
    """What was uploaded cannot be a package; the text is AWS's where AWS has one."""


class Package(msgspec.Struct, frozen=True):
    """A stored package: its name on disk, and what AWS tells of it."""

    digest: str
    size: int

    @property
    def sha256(self) -> str:
        return base64.b64encode(bytes.fromhex(self.digest)).decode()


class CodeStore:
    """All packages of a region."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, content: bytes) -> Package:
        """Keep a zip and unpack it. Blocking. Raises BadPackage."""
        package = Package(hashlib.sha256(content).hexdigest(), len(content))
        if not self._unpacked(package.digest).is_dir():
            self._unpack(package.digest, content)
            write_durably(self._zip(package.digest), content)
        return package

    def path(self, digest: str) -> Path:
        """Where a package lies unpacked. Raises FileNotFoundError where its zip is gone too."""
        unpacked = self._unpacked(digest)
        if not unpacked.is_dir():
            self._unpack(digest, self._zip(digest).read_bytes())
        return unpacked

    def content(self, digest: str) -> bytes:
        """The zip as it was uploaded."""
        return self._zip(digest).read_bytes()

    def keep_only(self, digests: Collection[str]) -> None:
        """Delete every other package, and what a crash left half unpacked."""
        if not self._folder.is_dir():
            return
        for entry in list(self._folder.iterdir()):
            if entry.name.removesuffix(".zip") in digests:
                continue
            if entry.is_dir():
                shutil.rmtree(entry, ignore_errors=True)
            else:
                entry.unlink(missing_ok=True)

    def _unpacked(self, digest: str) -> Path:
        return self._folder / digest

    def _zip(self, digest: str) -> Path:
        return self._folder / f"{digest}.zip"

    def _unpack(self, digest: str, content: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix=f".{digest}.", dir=self._folder))
        partial.chmod(0o755)
        try:
            unpack(content, partial)
            partial.rename(self._unpacked(digest))
        except OSError:
            if not self._unpacked(digest).is_dir():  # else somebody else was quicker with the same package
                raise
        finally:
            shutil.rmtree(partial, ignore_errors=True)


def unpack(content: bytes, folder: Path) -> None:
    """Unpack a zip into a folder, links and permissions included. Raises BadPackage."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(info.file_size for info in archive.infolist()) > UNZIPPED_MAX_BYTES:
                raise BadPackage(f"Unzipped size must be smaller than {UNZIPPED_MAX_BYTES} bytes")
            for info in archive.infolist():
                _unpack_one(archive, info, folder)
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, ValueError, RuntimeError, EOFError, OSError) as error:
        raise BadPackage("Could not unzip uploaded file. Please check your file, then try to upload again.") from error


def _unpack_one(archive: zipfile.ZipFile, info: zipfile.ZipInfo, folder: Path) -> None:
    target = _inside(folder, folder / info.filename.replace("\\", "/"), info.filename)
    if info.is_dir():
        target.mkdir(parents=True, exist_ok=True)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    mode = info.external_attr >> 16
    if stat.S_ISLNK(mode):
        destination = archive.read(info).decode()
        _inside(folder, target.parent / destination, info.filename)
        target.symlink_to(destination)
        return
    with archive.open(info) as source, target.open("wb") as sink:
        shutil.copyfileobj(source, sink)
    target.chmod(0o644 | (mode & 0o111))


def _inside(folder: Path, path: Path, name: str) -> Path:
    """The path itself, if it stays inside the folder also when links are followed. Raises BadPackage."""
    climbs = PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name.replace("\\", "/")).parts
    if climbs or not path.resolve().is_relative_to(folder.resolve()):
        raise BadPackage(f"The uploaded file contains a path outside of its folder: {name}")
    return path


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    """A zip of these files, the same bytes for the same files."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name, EPOCH), data)
    return content.getvalue()
