"""In which order the processes of a world end."""

from pathlib import Path

from panregion.control.supervisor import Supervisor
from panregion.world import WorldSettings
from panregion.world.process import Process


class Ending(Process):
    """A process that notes down when it is asked to end."""

    def __init__(self, name: str, ended: list[str]) -> None:
        self._name = name
        self._ended = ended

    @property
    def exit_code(self) -> int | None:
        return 0 if self._name in self._ended else None

    async def terminate(self, grace_s: float = 5) -> int:
        self._ended.append(self._name)
        return 0


async def test_the_edge_does_not_see_the_regions_stop(tmp_path: Path) -> None:
    """Its health checkers would hold it against them, and remember it when the world runs again."""
    supervisor = Supervisor(WorldSettings(folder=str(tmp_path)))
    ended: list[str] = []
    for child in (*supervisor.helpers, *supervisor.regions.values(), supervisor.console):
        child.process, child.status = Ending(child.name, ended), "running"
    await supervisor.stop()
    assert ended[0] == "edge"
    assert ended[-2:] == ["network", "console"]
    assert sorted(ended[1:-2]) == sorted(supervisor.regions)
