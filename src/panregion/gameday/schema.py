"""The JSON schemas of a game day's file and of its result, for editors and for whoever reads results.

    # yaml-language-server: $schema=.../panregion/gameday/schemas/gameday.json

They are shipped as files; `python -m panregion.gameday.schema` writes them anew, and a test keeps them in step.
"""

from pathlib import Path
from typing import Any

import msgspec

from panregion.control.faults.schedule import Plan
from panregion.gameday import result
from panregion.gameday.file import GameDay

FOLDER = Path(__file__).parent / "schemas"


def gameday_schema() -> dict[str, Any]:
    """Of gameday.yaml: the file's own schema, with control's plans of faults in it."""
    (file, plan), components = msgspec.json.schema_components([GameDay, Plan], ref_template="#/$defs/{name}")
    at = components["At"]
    at["required"] = [key for key in at.get("required", []) if key != "schedule"]  # a plan is one unless it says else
    game = components["GameDay"]
    game["properties"]["faults"]["items"] = {"anyOf": plan["anyOf"]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "a game day of panregion",
        **file,
        "$defs": components,
    }


def result_schema() -> dict[str, Any]:
    """Of result.json."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **result.schema()}


def schemas() -> dict[str, bytes]:
    """The files' names and contents."""
    made = {"gameday.json": gameday_schema(), "result.json": result_schema()}
    return {name: msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n" for name, value in made.items()}


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, text in schemas().items():
        (FOLDER / name).write_bytes(text)
