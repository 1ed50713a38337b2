"""The templates of examples/food-for-thought are what cfn-lint calls clean: no errors, no warnings."""

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parent.parent.parent / "examples" / "food-for-thought"
TEMPLATES = sorted(EXAMPLE.glob("*.yaml"))


@pytest.mark.timeout(300)
def test_cfn_lint_finds_nothing() -> None:
    assert {"global.yaml", "orders.yaml"} <= {template.name for template in TEMPLATES}
    linted = subprocess.run(
        [Path(sys.executable).with_name("cfn-lint"), "--non-zero-exit-code", "informational", *TEMPLATES],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (linted.returncode, linted.stdout) == (0, "")
