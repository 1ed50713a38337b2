"""A request to the console: is it ours to answer, and by whom?"""

import logging

from panregion.console import routes
from panregion.console.assets import asset
from panregion.console.aws import Away, Refused
from panregion.console.edge import EdgeAway, EdgeRefused
from panregion.console.guard import HEADERS, Forbidden, Guard
from panregion.console.site import Asked, Site
from panregion.console.watching import Watcher
from panregion.control import ControlError, NotRunning
from panregion.world import Request, Response

log = logging.getLogger("panregion.console")


class Console:
    """The handler of the console's port."""

    def __init__(self, site: Site, guard: Guard, watcher: Watcher) -> None:
        self._site = site
        self._guard = guard
        self._watcher = watcher

    async def __call__(self, request: Request) -> Response:
        try:
            self._guard.check(request)
            response = await self._answer(request)
        except Forbidden as error:
            response = self._site.complaint("Not from here", str(error), status=403)
        except (Away, EdgeAway, NotRunning) as error:
            response = self._site.complaint("Nobody answers", str(error), status=503, command="panregion status")
        except (Refused, EdgeRefused, ControlError) as error:
            response = self._site.complaint("That was refused", str(error), status=400)
        except Exception:
            log.exception("%s %s", request.method, request.path)
            text = "The console has a fault of its own; what it was is in its log."
            response = self._site.complaint("That went wrong", text, status=500, command="panregion logs console")
        response.headers = [*response.headers, *HEADERS]
        return response

    async def _answer(self, request: Request) -> Response:
        method, path = request.method, request.path
        match path.split("/"):
            case ["", "_panregion", "health"]:
                return Response(200, [("Content-Type", "application/json")], b'{"status":"ok"}')
            case ["", "assets", folder, name] if method == "GET":
                found = asset(request, folder, name)
            case ["", "events"] if method == "GET":
                self._site.aws.get_ready()
                return self._watcher.stream(request)
            case ["", "moments"] if method == "GET":
                found = self._watcher.so_far(request)
            case _:
                asked = Asked.of(request)
                if method == "POST":
                    self._guard.check_token(asked.form.get("token", ""))
                found = await routes.answer(self._site, asked)
        if found is not None:
            return found
        return self._site.complaint("There is no such page", f"The console has no {method} {path}.", status=404)
