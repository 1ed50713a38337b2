"""The last 15 minutes of a world, looked at once a second: the console's only memory."""

from panregion.console.watching.history import History
from panregion.console.watching.moment import Moment
from panregion.console.watching.watcher import Watcher

__all__ = ["History", "Moment", "Watcher"]
