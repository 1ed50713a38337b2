"""A shell in a city: a real child process sees the world's variables."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.support import world_in

SHOWN = ("http_proxy", "https_proxy", "no_proxy", "AWS_ENDPOINT_URL", "AWS_REGION", "AWS_CA_BUNDLE", "PANREGION_PLACE")


def shell(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", "from panregion.cli import main; main()", "shell", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    world_in(tmp_path)
    return tmp_path


def test_a_command_sees_the_citys_proxy_the_endpoint_and_the_authority(folder: Path) -> None:
    line = "; ".join(f"echo ${name}" for name in SHOWN)
    finished = shell(folder, "--from", "london", "--region", "eu-west-1", "--", "sh", "-c", line)
    proxy, secure, direct, endpoint, region, authority, place = finished.stdout.splitlines()
    assert proxy == secure
    assert proxy.startswith("http://127.0.0.1:46")
    assert direct == "127.0.0.1,localhost,127.0.0.0/8"
    assert (endpoint, region, place) == ("http://127.0.2.1:4566", "eu-west-1", "london")
    assert authority == str(folder / ".panregion" / "authority.pem")


def test_one_word_with_spaces_is_a_line_for_the_shell(folder: Path) -> None:
    finished = shell(folder, "--from", "london", "echo $PANREGION_PLACE; exit 3")
    assert (finished.stdout, finished.returncode) == ("london\n", 3)


def test_the_commands_exit_code_is_the_shells(folder: Path) -> None:
    assert shell(folder, "--from", "tokyo", "--", "sh", "-c", "exit 7").returncode == 7
    assert shell(folder, "--from", "tokyo", "--", "sh", "-c", "kill -9 $$").returncode == 137


def test_what_cannot_be_run_and_who_is_not_there_are_named(folder: Path) -> None:
    missing = shell(folder, "--from", "tokyo", "--", "/no/such/shell")
    assert (missing.returncode, "/no/such/shell cannot be run" in missing.stderr) == (1, True)
    nowhere = shell(folder, "--from", "atlantis")
    assert (nowhere.returncode, "atlantis is no city of this world" in nowhere.stderr) == (2, True)
