"""Tests of the whole application: three regions, all stacks deployed.

A file of them takes minutes on two cores, more than there is room for in CI; the functions, templates and pages are
tested there.
"""

import os

import pytest

WHOLE = pytest.mark.skipif(
    os.environ.get("PANREGION_TEST_FOOD") != "1",
    reason="the whole application in three regions takes minutes: PANREGION_TEST_FOOD=1 runs it",
)
