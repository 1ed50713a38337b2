"""An action: asked about first where it takes something away, then done, and written on the strip.

Without script the question is a page and the answer leads back to where one was; a script of ours (static/act.js) shows
the same page's middle as a dialogue.
"""

from urllib.parse import urlsplit

from panregion.console.actions import ACTIONS, Action
from panregion.console.actions.action import Given, Missing
from panregion.console.aws import Away, Refused
from panregion.console.site import Asked, Site, address, as_json, redirect
from panregion.control import ControlError
from panregion.world import Response


async def act(site: Site, asked: Asked, name: str) -> Response | None:
    """Ask whether it is to be done, or do it. None where there is no such action."""
    action = ACTIONS.get(name)
    if action is None:
        return None
    try:
        given = _given(action, asked.form)
        if action.question is not None and asked.form.get("confirmed") != "yes":
            return _question(site, asked, name, action, given)
        done = await action.do(site, given)
    except (Missing, ControlError, Refused, Away) as error:
        if _by_script(asked):
            return as_json({"message": _why(error)}, 400)
        command = None if isinstance(error, Refused) else "panregion status"
        return site.complaint(f"{action.label}: not done", _why(error), status=400, command=command)
    site.history.note({"text": done, "command": action.command(given)})
    return as_json({"done": done, "command": action.command(given)}) if _by_script(asked) else redirect(_back(asked))


def _given(action: Action, form: dict[str, str]) -> Given:
    """The fields that the action needs. Raises Missing."""
    given = {name: form.get(name, "").strip() for name in action.fields}
    for name, value in given.items():
        if not value:
            raise Missing(f"{action.label}: {name.replace('_', ' ')} is not said")
    return given | {name: form.get(name, "").strip() for name in action.optional}


def _why(error: Exception) -> str:
    """AWS's errors by their code, as its own tools tell them."""
    return f"{error.code}: {error}" if isinstance(error, Refused) else str(error)


def _question(site: Site, asked: Asked, name: str, action: Action, given: Given) -> Response:
    assert action.question is not None
    return site.page(
        "question",
        title=f"{action.label}?",
        action=action,
        act=address("actions", name),
        text=action.question(given),
        command=action.command(given),
        given=given,
        back=_back(asked),
    )


def _by_script(asked: Asked) -> bool:
    return asked.headers["accept"] == "application/json"


def _back(asked: Asked) -> str:
    """The page that one came from, which is one of ours."""
    came = asked.form.get("back") or urlsplit(asked.headers["referer"]).path or "/"
    return came if came.startswith("/") and not came.startswith(("//", "/\\", "/actions/")) else "/"
