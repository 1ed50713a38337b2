"""The lab, for every test of this room."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.services.events.lab import Lab, opened


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    async with opened(tmp_path) as lab:
        yield lab
