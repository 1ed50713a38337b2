"""Where a system keeps the authorities that it trusts, and the commands that add one or take it away again.

Known are the stores of Debian and its kin (update-ca-certificates), of Fedora and its kin (update-ca-trust), the
keychain of macOS, and NSS databases, which Chromium and Firefox read on Linux. Pure: what there is, `System` tells.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

Command = tuple[str, ...]

DEBIAN = Path("/usr/local/share/ca-certificates")
FEDORA = Path("/etc/pki/ca-trust/source/anchors")
KEYCHAIN = "/Library/Keychains/System.keychain"
NSS_FOLDERS = (".pki/nssdb", ".mozilla/firefox/*", "snap/firefox/common/.mozilla/firefox/*")


@dataclass(frozen=True)
class System:
    """What must be known of the machine."""

    platform: str
    """As in sys.platform."""
    is_root: bool
    home: Path
    has_program: Callable[[str], bool]
    is_folder: Callable[[Path], bool]
    databases: Callable[[Path, str], list[Path]]
    """(home, pattern below it) -> the folders of that pattern that hold an NSS database."""


@dataclass(frozen=True)
class TrustStore:
    """One store: who reads it, and the commands that change it."""

    name: str
    install: tuple[Command, ...]
    remove: tuple[Command, ...]


def trust_stores(system: System, certificate: Path, nickname: str) -> list[TrustStore]:
    """The stores of this system that are known. `nickname` is what the authority is called in them."""
    return [*_of_system(system, certificate, nickname), *_of_nss(system, certificate, nickname)]


def _of_system(system: System, certificate: Path, nickname: str) -> Iterator[TrustStore]:
    root: Command = () if system.is_root else ("sudo",)
    if system.platform == "darwin":
        yield TrustStore(
            "the system's keychain (macOS)",
            ((*root, "security", "add-trusted-cert", "-d", "-r", "trustRoot", "-k", KEYCHAIN, str(certificate)),),
            ((*root, "security", "remove-trusted-cert", "-d", str(certificate)),),
        )
    elif system.is_folder(DEBIAN) and system.has_program("update-ca-certificates"):
        yield _folder(root, "the system's store (Debian, Ubuntu)", DEBIAN, certificate, nickname)
    elif system.is_folder(FEDORA) and system.has_program("update-ca-trust"):
        yield _folder(root, "the system's store (Fedora, RHEL, Amazon Linux)", FEDORA, certificate, nickname)


def _folder(root: Command, name: str, folder: Path, certificate: Path, nickname: str) -> TrustStore:
    there = str(folder / f"{nickname}.crt")
    update: Command = ("update-ca-certificates",) if folder == DEBIAN else ("update-ca-trust", "extract")
    return TrustStore(
        name,
        ((*root, "install", "-m", "644", str(certificate), there), (*root, *update)),
        ((*root, "rm", "-f", there), (*root, *update)),
    )


def _of_nss(system: System, certificate: Path, nickname: str) -> Iterator[TrustStore]:
    if not system.has_program("certutil"):
        return
    for pattern in NSS_FOLDERS:
        for folder in system.databases(system.home, pattern):
            database = f"sql:{folder}"
            yield TrustStore(
                f"the NSS database in {folder} (browsers)",
                (("certutil", "-A", "-d", database, "-t", "C,,", "-n", nickname, "-i", str(certificate)),),
                (("certutil", "-D", "-d", database, "-n", nickname),),
            )
