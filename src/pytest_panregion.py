"""Where pytest finds the plugin (panregion/testing/plugin.py).

A module of its own, outside the package: pytest compiles all of the package that a plugin's entry point lies in by
itself, to rewrite its asserts, in every process that runs tests. That is the most part of a second for each of them.
"""

pytest_plugins = ["panregion.testing.plugin"]
