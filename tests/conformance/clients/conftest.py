"""AWS's command line clients, pointed at a region; with PANREGION_TEST_AWS=1 at AWS itself."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.support import AGAINST_AWS, REGION, ServedRegion

TIMEOUT_S = 100

Run = Callable[..., str]


@pytest.fixture
def environment(served: ServedRegion, tmp_path: Path) -> dict[str, str]:
    """What a user would export, and nothing of the machine's own configuration."""
    if AGAINST_AWS:
        return dict(os.environ)
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "AWS_ENDPOINT_URL": served.endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_PAGER": "",
        "SAM_CLI_TELEMETRY": "0",
    }


def runner(program: Path, environment: dict[str, str], folder: Path) -> Run:
    """Runs the program with arguments; returns what it printed. Fails with its complaint if it fails."""

    def run(*arguments: str, fails: bool = False) -> str:
        done = subprocess.run(
            [str(program), *arguments],
            env=environment,
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
        said = done.stdout + done.stderr
        assert (done.returncode != 0) == fails, f"{program.name} {' '.join(arguments)}: {said}"
        return said if fails else done.stdout

    return run


@pytest.fixture
def aws(environment: dict[str, str], tmp_path: Path) -> Run:
    """The AWS CLI, in an empty folder."""
    return runner(Path(sys.executable).with_name("aws"), environment, tmp_path)


@pytest.fixture
def sam(clients: Path, environment: dict[str, str], tmp_path: Path) -> Run:
    return runner(clients / "sam" / "bin" / "sam", environment, tmp_path)


@pytest.fixture
def bucket(aws: Run) -> Iterator[str]:
    name = f"clients-{uuid4()}"
    aws("s3", "mb", f"s3://{name}")
    yield name
    aws("s3", "rb", "--force", f"s3://{name}")
