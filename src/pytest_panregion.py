"""Where pytest finds the plugin (panregion/testing/plugin.py).

A module of its own, outside the package: of an editable install, as ours is, pytest 9 compiles the whole package that
an entry point lies in by itself, to rewrite its asserts, in every process that runs tests: 2 s of CPU each time.
"""

pytest_plugins = ["panregion.testing.plugin"]
