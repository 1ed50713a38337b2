"""Lambda's runtime for Python in a forked process. Imports nothing of ours: the forking template loads it by its path.

What must stay true:
- A child imports `awslambdaric.bootstrap`, and with it the C client, only once it has its environment: the client reads
  AWS_LAMBDA_RUNTIME_API once, when it is loaded.
- A child sees what a function on AWS sees: the standard library, its own code and layers, boto3 and what boto3
  needs. The rest of the machine's site-packages is out of sight, so a forgotten requirement fails here too; and a
  boto3 that the function brings along is used instead of the one imported before the fork.
"""

import contextlib
import ctypes
import importlib.machinery
import os
import sys
import sysconfig
import traceback
from collections.abc import Callable
from typing import Any, TextIO

RUNTIME_PACKAGES = frozenset(
    {
        *("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six", "urllib3"),
        *("awslambdaric", "runtime_client", "simplejson", "snapshot_restore_py"),
    }
)
"""What the Lambda runtime for Python brings along, by import name."""

PRELOADED = RUNTIME_PACKAGES - {"runtime_client"}
"""Those that `warm_up` imports. The client itself reads its environment when it is loaded, so every child loads it."""

SITE_PATH = [entry for entry in sys.path if entry.endswith("-packages")]


class RuntimePackages:
    """Finds the runtime's own packages after everything that the function brings along."""

    @staticmethod
    def find_spec(name: str, path: Any = None, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        if path is not None or name not in RUNTIME_PACKAGES:
            return None
        return importlib.machinery.PathFinder.find_spec(name, SITE_PATH, target)


def standard_library() -> list[str]:
    """sys.path without anybody's packages."""
    roots = {sysconfig.get_paths()["stdlib"], sysconfig.get_paths()["platstdlib"]}
    return [*roots, *(f"{root}/lib-dynload" for root in roots)]


STANDARD_LIBRARY = standard_library()


def warm_up() -> None:
    """Import what nearly every handler needs, and have botocore do once what it would do in every child."""
    import concurrent.futures.thread  # noqa: F401
    import http.client  # noqa: F401
    import logging.handlers  # noqa: F401
    import uuid  # noqa: F401

    import awslambdaric.lambda_context  # type: ignore[import-untyped]
    import awslambdaric.lambda_runtime_log_utils  # type: ignore[import-untyped]
    import awslambdaric.lambda_runtime_marshaller  # type: ignore[import-untyped]  # noqa: F401
    import boto3.dynamodb.conditions
    import boto3.session
    import botocore.hooks
    import botocore.loaders
    import simplejson  # type: ignore[import-untyped]  # noqa: F401

    remember(botocore.loaders.JSONFileLoader, "load_file", lambda _loader, path: path)
    remember(
        botocore.loaders.Loader, "list_available_services", lambda loader, kind: (*loader.search_paths, kind)
    )  # looks into 440 folders: two thirds of the time that a first client takes
    remember(botocore.hooks, "accepts_kwargs", lambda function: function)
    remember(botocore.hooks.EventAliaser, "_alias_event_name", lambda _aliaser, name: name)
    with contextlib.suppress(OSError):  # where it has another name, every child loads it for itself
        ctypes.CDLL("libstdc++.so.6")  # the runtime client's, whose loading takes longer than its own
    session = boto3.session.Session("none", "none", region_name="us-east-1")
    session.resource("dynamodb").Table("none")
    session.client("s3")


def look_around() -> None:
    """Have the folders' contents known that every child looks into, and no others, which it would only carry along."""
    sys.path_importer_cache.clear()
    importlib.machinery.PathFinder.find_spec("nothing", [*STANDARD_LIBRARY, *SITE_PATH])


def remember(owner: Any, name: str, key: Callable[..., Any]) -> None:
    """Have a function of botocore's answer from memory where `key` of its arguments is one that it has seen.

    All of these answer from files that do not change, or from what a function's signature is.
    """
    function, answers = getattr(owner, name), dict[Any, Any]()

    def remembering(*args: Any, **kwargs: Any) -> Any:
        asked = key(*args, **kwargs)
        if asked not in answers:
            answers[asked] = function(*args, **kwargs)
        return answers[asked]

    setattr(owner, name, remembering)


def brought_along(path: list[str], modules: frozenset[str]) -> bool:
    """Whether the function's own folders hold another version of a package that was imported before the fork."""
    return any(
        os.path.exists(f"{folder}/{name}") or os.path.exists(f"{folder}/{name}.py")
        for folder in path
        for name in modules
    )


def forget(modules: frozenset[str]) -> None:
    """Have these packages imported anew."""
    for name in [name for name in sys.modules if name.partition(".")[0] in modules]:
        del sys.modules[name]


def run_handler(handler: str, path: list[str]) -> None:
    """Run `file.function` of the folders in `path` under AWS's own runtime interface client; returns only by
    SystemExit."""
    sys.path[:] = [*path, *STANDARD_LIBRARY]
    if brought_along(path, PRELOADED):
        forget(PRELOADED)
    sys.argv[:] = ["bootstrap.py", handler]
    sys.stdout, sys.stderr = text_output(1), text_output(2)
    from awslambdaric import bootstrap
    from awslambdaric.lambda_runtime_client import LambdaRuntimeClient  # type: ignore[import-untyped]

    bootstrap._get_handler = with_traceback(bootstrap._get_handler)
    bootstrap.run(handler, LambdaRuntimeClient(os.environ["AWS_LAMBDA_RUNTIME_API"], False))


def text_output(descriptor: int) -> TextIO:
    """A new text stream: the one that the interpreter made at its start remembers what the template's output was."""
    return open(descriptor, "w", encoding="utf-8", errors="backslashreplace", closefd=False)


def with_traceback(get_handler: Callable[[str], Any]) -> Callable[[str], Any]:
    """AWS's client tells only the last line of a failed import; the log shall have the whole of it."""

    def get_handler_or_explain(handler: str) -> Any:
        try:
            return get_handler(handler)
        except Exception as error:
            if isinstance(error.__context__, ImportError):
                cause = error.__context__
                sys.stderr.write("\r".join("".join(traceback.format_exception(cause)).splitlines()) + "\n")
            raise

    return get_handler_or_explain
