"""Which runtimes there are, and what runs them on this machine.

AWS's names for versions are accepted for every language that the machine has; what the machine has runs them, and
`warning` says so where the versions differ.
"""

import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from panregion.functions.model import EnvironmentSpec
from panregion.world.process import version_told

PYTHON_VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
NODE_CLIENT = Path(__file__).with_name("client.mjs")

PYTHONS = tuple(f"python3.{minor}" for minor in range(8, 15))
NODES = tuple(f"nodejs{major}.x" for major in (18, 20, 22, 24))
PROVIDED = ("provided", "provided.al2", "provided.al2023")


@cache
def node_version() -> str:
    """The major version of the machine's Node.js; empty where it does not tell."""
    told = version_told("node")
    return told.removeprefix("v").partition(".")[0]


@dataclass(frozen=True)
class Runtime:
    """How one named runtime is run here."""

    name: str
    version: str
    """Of the language, as the machine has it; empty for provided runtimes."""

    @property
    def label(self) -> str:
        return f"python:{sys.version.split()[0]}" if self.name in PYTHONS else self.name

    def argv(self, spec: EnvironmentSpec) -> Sequence[str]:
        """The program; nothing for Python, which is forked instead."""
        if self.name in NODES:
            return (shutil.which("node") or "node", str(NODE_CLIENT))
        return (str(_bootstrap(spec)),) if self.name in PROVIDED else ()

    @property
    def warning(self) -> str:
        """What a user should know about the difference between this machine and AWS."""
        if self.name in PYTHONS and self.name != f"python{PYTHON_VERSION}":
            return f"{self.name} runs on this machine's Python {PYTHON_VERSION}"
        if self.name in NODES and self.name != f"nodejs{node_version()}.x":
            return f"{self.name} runs on this machine's Node.js {node_version()}"
        return ""


def _bootstrap(spec: EnvironmentSpec) -> Path:
    """The function's own, else that of a layer: of the last one that has one."""
    places = [spec.code / "bootstrap", *(layer / "bootstrap" for layer in reversed(spec.layers))]
    return next((place for place in places if place.is_file()), places[0])


def supported() -> list[str]:
    """The names accepted on this machine."""
    return [*PYTHONS, *(NODES if shutil.which("node") else ()), *PROVIDED]


def runtime_named(name: str) -> Runtime:
    """The runtime of AWS's name. Raises KeyError for one that this machine cannot run."""
    if name not in supported():
        raise KeyError(name)
    return Runtime(name, PYTHON_VERSION if name in PYTHONS else "")
