"""What can be done to a world by way of the console: a line each, a file for each family.

Every action is something that a command does, too, and shows which.
"""

from panregion.console.actions import checks, everything, gamedays, items, links, queues, regions, rules
from panregion.console.actions.action import Action

ACTIONS: dict[str, Action] = {
    "kill": regions.KILL,
    "freeze": regions.FREEZE,
    "thaw": regions.THAW,
    "restore": regions.RESTORE,
    "cut": links.CUT,
    "slow": links.SLOW,
    "heal": links.HEAL,
    "fail-check": checks.FAIL,
    "mend-check": checks.MEND,
    "put-item": items.PUT,
    "delete-item": items.DELETE,
    "redrive": queues.REDRIVE,
    "enable-rule": rules.ENABLE,
    "disable-rule": rules.DISABLE,
    "gameday-start": gamedays.START,
    "gameday-stop": gamedays.STOP,
    "undo": everything.UNDO,
    "undo-all": everything.UNDO_ALL,
}
"""By the last part of their address, /actions/<name>."""

__all__ = ["ACTIONS", "Action"]
