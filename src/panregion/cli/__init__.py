"""What you type."""

from panregion.cli.app import main

__all__ = ["main"]
