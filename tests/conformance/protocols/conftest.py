"""Says how many of botocore's cases were run: the figures are part of the result."""

from typing import Any

from tests.conformance.protocols import test_input, test_output


def pytest_terminal_summary(terminalreporter: Any) -> None:
    for name, module in (("input", test_input), ("output", test_output)):
        excepted = len(module.NOT_APPLICABLE)
        terminalreporter.write_line(
            f"protocol cases, {name}: {len(module.CASES) - excepted} apply, {excepted} cannot (listed with reasons)"
        )
