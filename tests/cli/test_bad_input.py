"""What a person is told when something is wrong: by name, with what exists, and never a traceback."""

import socket
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from panregion.cli.app import group
from panregion.world import WorldSettings
from panregion.world.settings import Ports


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def world(folder: Path, ports: Ports) -> WorldSettings:
    """A folder whose world was started once and does not run."""
    settings = WorldSettings(folder=str(folder / ".panregion"), ports=ports)
    (folder / ".panregion").mkdir()
    (folder / ".panregion" / "world.json").write_bytes(msgspec.json.encode(settings))
    return settings


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(group, arguments)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("regions = 1", "panregion.toml: regions: Expected `array`, got `int`"),
        ("[network]\nscale = -1", "panregion.toml: network.scale: Expected `float` >= 0.0"),
        ("[ports]\ngatway = 1", "panregion.toml: ports: Object contains unknown field `gatway`"),
        ("account_id = '12'", "panregion.toml: account_id: Expected `str` matching regex"),
        ("regions = ['us-east-1', 'us-east-1']", "panregion.toml: regions: us-east-1 is named twice"),
        ("regions = [", "panregion.toml: Invalid value"),
    ],
)
def test_a_malformed_world_file_names_the_key(folder: Path, text: str, message: str) -> None:
    (folder / "panregion.toml").write_text(text)
    result = run("up", "--detach")
    assert result.exit_code == 2
    assert message in result.stderr


def test_an_unknown_region_lists_those_that_exist(folder: Path) -> None:
    result = run("up", "--regions", "us-east-1,mars-north-1")
    assert result.exit_code == 2
    assert "mars-north-1 is not a region that panregion knows the distances of; it knows af-south-1," in result.stderr


def write_ports(folder: Path, ports: Ports) -> None:
    lines = "".join(f"{name} = {port}\n" for name, port in msgspec.structs.asdict(ports).items())
    (folder / "panregion.toml").write_text(f"[ports]\n{lines}")


def test_a_port_in_use_names_its_process(folder: Path, ports: Ports) -> None:
    port = ports.control
    with socket.create_server(("127.0.0.1", port)):
        write_ports(folder, ports)
        result = run("up", "--detach")
    assert result.exit_code == 1
    assert f"127.0.0.1:{port} (control) is in use by process" in result.stderr
    assert "[ports] in panregion.toml" in result.stderr


@pytest.mark.parametrize("kind", ["places", "dns"])
def test_a_citys_or_the_name_servers_port_in_use_names_its_process(folder: Path, ports: Ports, kind: str) -> None:
    family = socket.SOCK_STREAM if kind == "places" else socket.SOCK_DGRAM
    port = ports.places + 10 if kind == "places" else ports.dns
    with socket.socket(socket.AF_INET, family) as taken:
        taken.bind(("127.0.0.1", port))
        if kind == "places":
            taken.listen()
        write_ports(folder, ports)
        result = run("up", "--detach")
    assert result.exit_code == 1
    what = "the proxy of buenos-aires" if kind == "places" else "the name server, UDP"
    assert f"127.0.0.1:{port} ({what}) is in use by process" in result.stderr


def test_a_damaged_state_file_says_what_to_do(folder: Path, world: WorldSettings) -> None:
    (folder / ".panregion" / "world.json").write_bytes(b"garbage")
    result = run("status")
    assert result.exit_code == 1
    assert "world.json is damaged (JSON is malformed" in result.stderr
    assert "`panregion up` writes it anew" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("kill", "sa-east-1"), "sa-east-1 is no region of this world; it has ap-southeast-2, eu-west-1, us-east-1"),
        (("env", "--from", "atlantis"), "atlantis is no city of this world; it has amsterdam, athens,"),
        (("dig", "--from", "london", "a" * 70), "cannot be asked: A DNS label is > 63 octets long"),
        (("slow", "us-east-1", "eu-west-1", "--delay", "soon"), "soon is no duration; write 200ms, 30s, 5m or 1h"),
        (("deploy", __file__, "--stack", "s", "--regions", "sa-east-1"), "sa-east-1 is no region of this world"),
        (("deploy", __file__, "--stack", "s", "--parameter", "Key"), "--parameter Key: write KEY=VALUE"),
        (("logs", "sa-east-1"), "sa-east-1 is no process of this world"),
        (("cut", "london", "atlantis"), "atlantis is no site of this world; it has amsterdam, ap-southeast-2, athens"),
    ],
)
def test_what_does_not_exist_is_answered_with_what_does(
    world: WorldSettings, arguments: tuple[str, ...], message: str
) -> None:
    result = run(*arguments)
    assert result.exit_code == 2, result.stderr
    assert message in result.stderr


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"Resources: [", "t.yaml: Template format error: YAML not well-formed. (line"),
        (b"", "t.yaml: Template format error: unsupported structure."),
        (b"\xff\xfe\x00", "t.yaml is no text: 'utf-8' codec can't decode byte 0xff"),
        (
            b"Resources: {F: {Type: AWS::Lambda::Function, Properties: {Code: nowhere}}}",
            "t.yaml: Code of F (line 1) refers to nowhere, which does not exist",
        ),
    ],
)
def test_a_template_that_cannot_be_read_is_named(world: WorldSettings, content: bytes, message: str) -> None:
    Path("t.yaml").write_bytes(content)
    result = run("deploy", "t.yaml", "--stack", "s")
    assert result.exit_code == 1
    assert message in result.stderr


@pytest.mark.parametrize(
    "command", [("status",), ("kill", "us-east-1"), ("cut", "london", "us-east-1"), ("conflicts",), ("lag",)]
)
def test_a_world_that_does_not_run_says_how_to_start_it(world: WorldSettings, command: tuple[str, ...]) -> None:
    result = run(*command)
    assert result.exit_code == 1
    assert "start one with `panregion up`" in result.stderr


def test_a_folder_without_a_world_says_so(folder: Path) -> None:
    result = run("status")
    assert result.exit_code == 2
    assert f"no world was started in {folder} or above it" in result.stderr


def test_the_variables_for_a_shell(world: WorldSettings) -> None:
    lines = run("env", "--region", "eu-west-1", "--from", "london").stdout.splitlines()
    assert f"export AWS_ENDPOINT_URL=http://127.0.2.1:{world.ports.gateway}" in lines
    assert f"export http_proxy=http://127.0.0.1:{world.ports.places + 28}" in lines
    assert msgspec.json.decode(run("env", "--json").stdout)["AWS_REGION"] == "us-east-1"
