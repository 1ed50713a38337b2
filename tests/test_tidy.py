"""The house rules a machine can check: who imports whom, and that the world comes in by one door.

A room imports only from rooms below it (docs/architecture.md); services never import each other; and what
no computation can give (time, chance, sockets, processes, threads) is touched in `world/` alone, so that
everything else can run against a simulated world. Banning modules is not enough for that: `asyncio` and
`datetime` are welcome everywhere, `asyncio.sleep` and `datetime.now` are not. So names are followed through
a file's imports to what they are in full.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "src" / "panregion"

LEVELS = [
    {"__main__"},
    {"cli"},
    {"console"},
    {"gameday", "review", "testing"},
    {"control"},
    {"region", "edge", "network"},
    {"services"},
    {"replication", "functions"},
    {"store"},
    {"languages", "wire"},
    {"world"},
    {"vendor", "__init__"},
]
DEPTH = {room: depth for depth, rooms in enumerate(LEVELS) for room in rooms}

SHARED_BY_SERVICES = {"sources"}
"""Folders of the room `services` that are no service."""

WORLD_ONLY = {
    *("time", "random", "secrets", "uuid", "ssl.RAND_bytes"),
    *("datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today", "datetime.date.today"),
    *("os.urandom", "os.getrandom", "os.fork", "os.system", "os.popen"),
    *("socket", "socketserver", "selectors", "select", "http", "urllib.request"),
    *("subprocess", "multiprocessing", "threading", "concurrent.futures"),
    *("asyncio.sleep", "asyncio.to_thread", "asyncio.open_connection", "asyncio.start_server"),
    *("asyncio.open_unix_connection", "asyncio.start_unix_server"),
    *("asyncio.create_subprocess_exec", "asyncio.create_subprocess_shell"),
}

EXCEPTIONS = {
    # The store commits on a thread of its own, and SQLite's connections are kept one per thread.
    ("store/store.py", "concurrent.futures"),
    ("store/sqlite.py", "threading"),
    # `panregion curl` lends the terminal to curl: there is nothing in it that a test would want to decide.
    ("cli/users.py", "subprocess"),
}


def bindings(tree: ast.AST, package: list[str]) -> Iterator[tuple[str, str]]:
    """Every import in a file as (local name, its meaning in full); `package` resolves relative ones."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                for alias in names:
                    top = alias.name.split(".")[0]
                    yield (alias.asname, alias.name) if alias.asname else (top, top)
                    yield "", alias.name
            case ast.ImportFrom(module=module, names=names, level=level):
                above = package[: len(package) - level + 1] if level else []
                base = ".".join([*above, *([module] if module else [])])
                for alias in names:
                    yield alias.asname or alias.name, f"{base}.{alias.name}"
            case ast.Call(func=function, args=[ast.Constant(value=str(name)), *_]):
                if ast.unparse(function).endswith("import_module"):
                    yield "", name


def dotted(node: ast.expr) -> str:
    """`a.b.c` as text; empty when it is not a plain chain of names."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=attr):
            return f"{head}.{attr}" if (head := dotted(value)) else ""
    return ""


def names_used(tree: ast.AST, package: list[str]) -> Iterator[str]:
    """Every name a file imports, and every attribute it reads of one, in full."""
    meaning = {}
    for local, full in bindings(tree, package):
        meaning[local] = full
        yield full
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            head, _, rest = dotted(node).partition(".")
            if head in meaning:
                yield f"{meaning[head]}.{rest}"


def outside_world(name: str) -> str:
    """The forbidden thing that a name is, or lies in; empty when it is neither."""
    return next((banned for banned in sorted(WORLD_ONLY) if f"{name}.".startswith(f"{banned}.")), "")


def direction_faults(room: str, inner: list[str], name: str) -> Iterator[str]:
    """What is wrong with one import of our own: upwards, sideways, or from service to service."""
    top, *rest = name.split(".")
    if top != "panregion" or not rest or rest[0] not in DEPTH or room not in DEPTH:
        return
    if rest[0] != room and DEPTH[rest[0]] <= DEPTH[room]:
        yield f"{room} may not import {rest[0]}"
    if room == rest[0] == "services" and len(inner) > 1 and len(rest) > 1:
        other = rest[1]
        if other not in (inner[0], *SHARED_BY_SERVICES) and (ROOT / "services" / other).is_dir():
            yield f"services call each other by operation, they never import each other: {other}"


def faults(path: str, text: str) -> list[str]:
    """Every house rule that a file breaks; `path` is relative to src/panregion."""
    room, *inner = path.removesuffix(".py").split("/")
    package = ["panregion", *path.split("/")[:-1]]
    tree = ast.parse(text)
    found = set()
    if room not in DEPTH:
        found.add(f"{room} is not a room: add it to LEVELS and to docs/architecture.md")
    for _, name in bindings(tree, package):
        found.update(direction_faults(room, inner, name))
    if room != "world":
        banned = {outside_world(name) for name in names_used(tree, package)} - {""}
        found.update(f"{name} belongs in world/" for name in banned if (path, name) not in EXCEPTIONS)
    return sorted(found)


@pytest.mark.parametrize("path", sorted(str(p.relative_to(ROOT)) for p in ROOT.rglob("*.py")))
def test_tidy(path: str) -> None:
    assert faults(path, (ROOT / path).read_text()) == []


@pytest.mark.parametrize(
    ("path", "text", "fault"),
    [
        ("store/a.py", "import panregion.services", "store may not import services"),
        ("store/a.py", "from panregion import region", "store may not import region"),
        ("wire/a.py", "from ..store import Store", "wire may not import store"),
        ("wire/a.py", "import importlib\nimportlib.import_module('panregion.cli')", "wire may not import cli"),
        ("edge/a.py", "from panregion.network import relay", "edge may not import network"),
        ("store/a.py", "import time", "time belongs in world/"),
        ("store/a.py", "from http.client import HTTPConnection", "http belongs in world/"),
        ("store/a.py", "import urllib.request", "urllib.request belongs in world/"),
        ("store/a.py", "import asyncio\nasyncio.sleep(1)", "asyncio.sleep belongs in world/"),
        ("store/a.py", "import asyncio as aio\naio.sleep(1)", "asyncio.sleep belongs in world/"),
        ("store/a.py", "from asyncio import sleep", "asyncio.sleep belongs in world/"),
        ("store/a.py", "from datetime import datetime as d\nd.now()", "datetime.datetime.now belongs in world/"),
        ("store/a.py", "import datetime\ndatetime.date.today()", "datetime.date.today belongs in world/"),
        ("store/a.py", "import os\nkey = os.urandom(8)", "os.urandom belongs in world/"),
        ("kitchen/a.py", "", "kitchen is not a room: add it to LEVELS and to docs/architecture.md"),
    ],
)
def test_the_rules_bite(path: str, text: str, fault: str) -> None:
    assert faults(path, text) == [fault]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("services/a/api.py", "from panregion.store import Key\nfrom . import model"),
        ("services/a/api.py", "import asyncio\nasyncio.gather()"),
        ("services/a/api.py", "from datetime import UTC, datetime\ndatetime.fromtimestamp(0, UTC)"),
        ("services/a/api.py", "import urllib.parse\nurllib.parse.quote('')"),
        ("region/a.py", "from panregion.services import Service"),
        ("world/a.py", "import time, socket, os\nos.urandom(8)"),
    ],
)
def test_what_is_allowed(path: str, text: str) -> None:
    assert faults(path, text) == []
