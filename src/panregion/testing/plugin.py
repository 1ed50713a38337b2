"""The pytest plugin: the fixture `world`, the marker of the same name, and the world's logs in failing tests' reports.

It is loaded by every pytest where panregion is installed, so it imports nothing of a world before a test asks for one.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from panregion.testing.pool import Pool
    from panregion.testing.world import World

MARKER = "world(regions=..., stacks=[...], scope=..., scale=..., ...): the world that the test is given as `world`"
SECTION = "panregion world"

_pool = pytest.StashKey["Pool"]()
_world = pytest.StashKey["World"]()
_project = pytest.StashKey[dict[str, Any]]()


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", MARKER)


def pytest_unconfigure(config: pytest.Config) -> None:
    """End every world of the run."""
    pool = config.stash.get(_pool, None)
    if pool is not None:
        del config.stash[_pool]
        pool.close()


def project_options(config: pytest.Config) -> dict[str, Any]:
    """The table [tool.panregion] of the project's pyproject.toml. Raises pytest.UsageError."""
    from panregion.testing.errors import BadOptions
    from panregion.testing.project import read_project

    if _project not in config.stash:
        try:
            config.stash[_project] = read_project(config.rootpath)
        except BadOptions as error:
            raise pytest.UsageError(str(error)) from error
    return config.stash[_project]


def fixture_scope(fixture_name: str, config: pytest.Config) -> Any:  # noqa: ARG001 - pytest's signature
    """As wide as the project says, so that fixtures of that scope can ask for it."""
    return project_options(config).get("scope", "function")


@pytest.fixture(scope=fixture_scope)
def world(request: pytest.FixtureRequest) -> "Iterator[World]":
    """Several regions of AWS on this machine, with the stacks of the marker `world` deployed (panregion.testing.World).

    The state is put back before each test, each module, or never, by the marker's or the project's `scope`.
    """
    from panregion.testing.errors import BadOptions, WorldFailed
    from panregion.testing.options import options_from
    from panregion.testing.world import World

    node = request.node
    folder = Path(str(getattr(node, "path", request.config.rootpath)))
    folders = [folder.parent if folder.is_file() else folder, request.config.rootpath]
    marker = node.get_closest_marker("world")
    if marker is not None and marker.args:
        raise pytest.UsageError(f"the marker world has named options only: {MARKER}")
    running, problem = None, ""
    try:
        options = options_from(project_options(request.config), marker.kwargs if marker else {}, folders)
        running = _pool_of(request.config).world(options, _owner(node, options.scope))
    except (BadOptions, WorldFailed) as error:
        problem = str(error)
    if running is None:
        pytest.fail(problem, pytrace=False)
    given = World(running)
    node.stash[_world] = given
    yield given
    given.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Any:
    """Let worlds rest while tests run that ask for none."""
    told = yield
    pool = item.config.stash.get(_pool, None)
    if pool is not None and nextitem is not None and "world" not in getattr(nextitem, "fixturenames", ()):
        pool.rest()
    return told


def _owner(node: Any, scope: str) -> str:
    """Whose state a world holds."""
    if scope == "session":
        return scope
    module = node.getparent(pytest.Module)
    return str(module.nodeid if scope == "module" and module is not None else node.nodeid)


def _pool_of(config: pytest.Config) -> "Pool":
    from panregion.testing.pool import Pool

    if _pool not in config.stash:
        config.stash[_pool] = Pool()
    return config.stash[_pool]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    """Attach to the report of a failing test what the world's processes wrote meanwhile."""
    report = yield
    nodes = reversed(item.listchain())
    found = next((node.stash[_world] for node in nodes if _world in node.stash), None)
    if found is not None and report.when == "call" and report.failed:
        told = _told(found)
        if told:
            report.sections.append((SECTION, told))
    return report


def _told(world: "World") -> str:
    """What is wrong with the world on purpose, and what its processes wrote."""
    from panregion.testing.errors import WorldFailed

    try:
        faults = world.faults()
    except WorldFailed as error:
        faults = [str(error)]
    return "\n".join([*(f"at the end of the test: {fault}" for fault in faults), world.logs()]).strip()
