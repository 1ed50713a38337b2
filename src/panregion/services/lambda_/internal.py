"""What the command line asks of Lambda beyond AWS's operations."""

from typing import Any

from panregion.functions import runtime_named
from panregion.services import Here
from panregion.services.lambda_ import running
from panregion.services.lambda_.engine import engine_of


async def prepare(here: Here, function_name: str) -> dict[str, Any]:
    """Bring up an environment of a function.

    {"said": its output where it does not start, else None, "warning": how its runtime differs here, or nothing}
    """
    config, _ = here.read(lambda here: running.found(here, function_name, None, 0.0))
    engine = engine_of(here)
    said = await engine.functions.prepare(engine.spec(config))
    return {"said": said, "warning": runtime_named(config.runtime).warning}
