"""What goes wrong in tests with worlds, in words for whoever reads the report."""


class BadOptions(Exception):
    """A marker or pyproject.toml asks for something that there is not; the text names it."""


class WorldFailed(Exception):
    """The world could not be brought up, deployed to, or asked; the text says why."""


class NeverTrue(AssertionError):
    """What a test waited for did not come true in time; the text says what was seen last."""
