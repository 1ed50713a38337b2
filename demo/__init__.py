"""The story that `scripts/demo` runs: an application in three regions loses one. Every figure is measured."""
