"""botocore's protocol test cases, and the little that must be done to use them from the server's side."""

import json
import math
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from panregion.wire.model import Description, ServiceModel, Shape

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True)
class Case:
    id: str
    suite: dict[str, Any]
    case: dict[str, Any]

    @property
    def protocol(self) -> str:
        return str(self.suite["metadata"]["protocol"])

    @property
    def operation(self) -> str:
        return str(self.case["given"].get("name", "OperationName"))

    @property
    def description(self) -> dict[str, Any]:
        """A service description that has this one operation."""
        given = {"http": {"method": "POST", "requestUri": "/"}, **self.case["given"], "name": self.operation}
        return {
            "metadata": self.suite["metadata"],
            "shapes": self.suite.get("shapes", {}),
            "operations": {self.operation: given},
        }

    def model(self) -> ServiceModel:
        return ServiceModel("conformance", msgspec.convert(self.description, Description))


@cache
def folder() -> Path:
    fetched = subprocess.run(
        [ROOT / "scripts" / "fetch-protocol-cases"],
        check=True,
        stdout=subprocess.PIPE,  # what goes wrong is seen on standard error
        text=True,
        env={**os.environ, "PYTHON": sys.executable},
    )
    return ROOT / fetched.stdout.strip()


@cache
def load(direction: str) -> tuple[Case, ...]:
    """All cases of "input" or "output"."""
    return tuple(_load(direction))


def _load(direction: str) -> Iterator[Case]:
    for file in sorted((folder() / direction).glob("*.json")):
        for suite_number, suite in enumerate(json.loads(file.read_text())):
            for number, case in enumerate(suite["cases"]):
                name = case.get("id") or f"{suite_number}.{number}"
                yield Case(f"{file.stem}/{name}", suite, case)


def plain(value: Any) -> Any:
    """A value as the cases write it: blobs as text, timestamps as seconds, special floats as strings."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
    return value


def in_hand(shape: Shape, value: Any) -> Any:
    """The opposite: a value as a service would have it, from how the cases write it."""
    if value is None or shape.document:
        return value
    if shape.type == "structure":
        return {name: in_hand(shape.members[name], item) for name, item in value.items() if name in shape.members}
    if shape.type == "list":
        return [in_hand(shape.member, item) for item in value]
    if shape.type == "map":
        return {key: in_hand(shape.value, item) for key, item in value.items()}
    if shape.type == "blob":
        return value.encode("latin-1")
    return float(value) if shape.type in ("float", "double") else value
