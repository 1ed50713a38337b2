"""docs/tutorial.md is what a newcomer types: its files are right, its commands exist, and what it shows is what comes.

The whole of it takes ten minutes on a quiet machine: PANREGION_TEST_TUTORIAL=1 types it, and compares what comes line
by line, but for figures and names that differ from run to run.
"""

import importlib.util
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import msgspec
import pytest
from click.testing import CliRunner

from panregion.cli.app import group
from panregion.world.settings import Ports
from tests.support import REGION, ServedRegion

TUTORIAL = (Path(__file__).parent.parent / "docs" / "tutorial.md").read_text()
PROGRAMS = Path(sys.executable).parent
BLOCK = re.compile(r"^(?:`(?P<name>[\w./]+)`:\n\n)?```(?P<kind>\w+)\n(?P<text>.*?)^```$", re.M | re.S)
FILES = {found["name"]: found["text"] for found in BLOCK.finditer(TUTORIAL) if found["name"]}
COMMAND = re.compile(r"\bpanregion ((?:'[^']*'|[^'|;)>])+)")
VARIES = (
    # Whether the last requests of a region that dies fail depends on the moment, and so does how its end is told.
    (re.compile(r"(?<=new-york was served) .*?(?=london and sydney noticed)", re.S), " as it was. "),
    (re.compile(r"/\S+(?=/\.panregion)"), "FOLDER"),
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f-]{27}\b|\bd-[0-9a-z]{10}\b|(?<=OrdersFunction-)\w+"), "NAME"),
    (re.compile(r"\d[\d.,:-]*"), "#"),
    (re.compile(r"\s+"), " "),
)


def typed() -> list[tuple[str, list[str]]]:
    """Each command, and the lines that are shown below it."""
    steps: list[tuple[str, list[str]]] = []
    for block in BLOCK.finditer(TUTORIAL):
        for line in block["text"].splitlines() if block["kind"] == "console" else ():
            if line.startswith("$ "):
                steps.append((line[2:], []))
            else:
                steps[-1][1].append(line)
    return steps


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The reader's folder, with every file in it."""
    for name, text in FILES.items():
        path = tmp_path / "pizza" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.chdir(tmp_path / "pizza")
    return tmp_path / "pizza"


def test_the_templates_are_clean(folder: Path) -> None:
    command = [str(PROGRAMS / "cfn-lint"), "--non-zero-exit-code", "informational", "shared.yaml", "template.yaml"]
    linted = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert (linted.returncode, linted.stdout) == (0, "")


def test_the_game_day_can_be_held(folder: Path) -> None:
    checked = CliRunner().invoke(group, ("gameday", "verify", "gameday.yaml"))
    assert checked.exit_code == 0, checked.output
    assert "it promises nothing" not in checked.output


def test_what_is_python_is_python() -> None:
    sources = [name for name in FILES if name.endswith(".py")]
    assert sources == ["src/orders.py", "journeys.py", "test_pizza.py"]
    for name in sources:
        compile(FILES[name], name, "exec")


def test_every_command_is_one_and_has_these_options(folder: Path) -> None:
    (folder / "gamedays").mkdir()
    commands = [shlex.split(found) for step, _ in typed() for found in COMMAND.findall(step)]
    assert len(commands) > 30
    for words in commands:
        if words != ["--version"]:
            understood(group, words)


def understood(command: click.Command, words: list[str]) -> None:
    """Raises click.UsageError for a word that the command does not take."""
    if not isinstance(command, click.Group):
        with command.make_context(command.name, words):
            return
    inner = command.get_command(click.Context(command), words[0])
    assert inner is not None, f"there is no {words[0]}"
    understood(inner, words[1:])


def test_orders_are_taken_shown_and_delivered_at_home_alone(
    folder: Path, served: ServedRegion, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_ENDPOINT_URL": served.endpoint}
    for name, value in {**keys, "AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION, "ORDERS_TABLE": "pizza"}.items():
        monkeypatch.setenv(name, value)
    served.client("dynamodb").create_table(
        TableName="pizza",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    )
    spec = importlib.util.spec_from_file_location("orders", folder / "src" / "orders.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    def ask(route: str, order: str = "", body: str = "") -> tuple[int, dict[str, Any]]:
        answer = module.handler({"routeKey": route, "pathParameters": {"id": order}, "body": body}, None)
        return answer["statusCode"], json.loads(answer["body"])

    new = '{"id": "1", "pizza": "margherita"}'
    placed = {"id": f"{REGION}~1", "pizza": "margherita", "state": "placed", "answered_by": REGION}
    assert ask("GET /health") == (200, {"status": "well", "answered_by": REGION})
    assert ask("POST /orders", body=new) == (201, placed)
    assert ask("POST /orders", body=new)[0] == 409
    assert ask("GET /orders/{id}", f"{REGION}~1") == (200, placed)
    assert ask("GET /orders/{id}", "eu-west-1~1")[0] == 404
    assert ask("POST /orders/{id}/delivered", "eu-west-1~1")[1]["error"] == "NotHomeRegion"
    assert ask("POST /orders/{id}/delivered", f"{REGION}~1") == (200, {**placed, "state": "delivered"})
    assert ask("POST /orders/{id}/delivered", f"{REGION}~1")[1]["error"] == "Conflict"


@pytest.mark.skipif(
    os.environ.get("PANREGION_TEST_TUTORIAL") != "1",
    reason="the whole tutorial takes ten minutes on a quiet machine: PANREGION_TEST_TUTORIAL=1 types it",
)
@pytest.mark.timeout(1800)
def test_what_is_shown_is_what_comes(folder: Path, ports: Ports) -> None:
    settings = "".join(f"{name} = {port}\n" for name, port in msgspec.structs.asdict(ports).items())
    (folder / "panregion.toml").write_text(f"[ports]\n{settings}")
    environment = {**os.environ, "PATH": f"{PROGRAMS}:{os.environ['PATH']}"}
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    with subprocess.Popen(["bash"], cwd=folder.parent, env=environment, text=True, **pipes) as shell:
        try:
            for command, lines in typed():
                came = answer_of(shell, command)
                for line in lines:
                    missing = [part for part in line.split("…") if masked(part) not in masked(came)]
                    assert not missing, f"$ {command}\n{came}\nhas not {missing}"
        finally:
            answer_of(shell, f"cd {folder} && panregion down --forget")
            shell.communicate("exit\n", timeout=60)


def answer_of(shell: "subprocess.Popen[str]", command: str) -> str:
    """Type a command, and read until it is over."""
    assert shell.stdin is not None
    assert shell.stdout is not None
    shell.stdin.write(f"{command}\necho; echo '@over'\n")
    shell.stdin.flush()
    lines = iter(shell.stdout.readline, "@over\n")
    return "".join(lines)


def masked(text: str) -> str:
    """Without what differs from run to run: figures, made-up names, folders, the layout."""
    for pattern, instead in VARIES:
        text = pattern.sub(instead, text)
    return text.strip()
