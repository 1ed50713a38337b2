"""What `panregion up TEMPLATE` calls the stack."""

from pathlib import Path

import pytest

from panregion.cli.up import stack_named_after


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("pizza", "pizza"),
        ("tmp.x", "tmp-x"),
        ("2_my shop!", "my-shop"),
        ("été", "t"),
        ("/", "application"),
        ("42", "application"),
        ("a" * 127 + "--b", "a" * 127),
    ],
)
def test_a_stack_is_called_as_its_folder_if_it_may_be(folder: str, name: str) -> None:
    assert stack_named_after(Path("/home") / folder) == name
