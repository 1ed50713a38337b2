"""How every process of a world begins and ends.

Exit codes: 0 asked to stop; 4 one of its ports is taken; others are the program's own. What goes wrong is the last
line of the log, in words for people.
"""

import argparse
import asyncio
import errno
import logging
import signal
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path

import uvloop

from panregion.world.process import die_with_parent
from panregion.world.settings import WorldSettings, load_world

EXIT_PORT = 4

FLAGS = {
    "--leased": "end, and delete the world's folder, when standard input does: its other end is the owner's",
    "--warm": "fork the world's processes from one that has imported everything, so that they start at once",
}
"""What a program that runs alone (control) can be told besides."""

Serve = Callable[[WorldSettings, argparse.Namespace], Coroutine[None, None, int]]
"""Serves until told to stop; gives the exit code."""


def run_program(name: str, serve: Serve, *options: str, alone: bool = False) -> int:
    """Run `python -m panregion.<name> --world FILE [--option VALUE...]` to its end; returns the exit code.

    The process ends with the one that started it, unless it may be `alone` and was not told otherwise.
    """
    parser = argparse.ArgumentParser(prog=f"python -m panregion.{name}")
    parser.add_argument("--world", type=Path, required=True, help="the world's settings, as control wrote them")
    for option in options:
        parser.add_argument(f"--{option}", required=True)
    if alone:
        parser.add_argument("--with-parent", action="store_true", help="end when the process that started this does")
        for flag, text in FLAGS.items():
            parser.add_argument(flag, action="store_true", help=text)
    arguments = parser.parse_args()
    if not alone or arguments.with_parent:
        die_with_parent()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stderr)
    logging.getLogger("httpcore").setLevel(logging.WARNING)
    try:
        return uvloop.run(serve(load_world(arguments.world), arguments))
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        logging.getLogger(f"panregion.{name}").error("%s", error)
        return EXIT_PORT


def told_to_stop() -> asyncio.Event:
    """An event that SIGTERM and SIGINT set."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop
