"""A console for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.console.lab import Lab, laboratory


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    async with laboratory(tmp_path) as lab:
        yield lab
