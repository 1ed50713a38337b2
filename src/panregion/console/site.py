"""What a page is given: the world to ask, what was asked as a value, and templates to answer with."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined

from panregion import __version__
from panregion.console import words
from panregion.console.aws import Aws
from panregion.console.edge import Edge
from panregion.console.followed import Followed
from panregion.console.gamedays import GameDays
from panregion.console.watching.history import History
from panregion.control import ControlClient
from panregion.world import Headers, Request, Response, World, WorldSettings

HTML: Headers = [("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "no-store")]


@dataclass
class Site:
    """A console's parts. `page` makes HTML of a template."""

    settings: WorldSettings
    control: ControlClient
    edge: Edge
    aws: Aws
    token: str
    history: History
    """The last 15 minutes."""
    world: World = field(default_factory=World)

    @cached_property
    def _templates(self) -> Environment:
        """Everything that a template shows is escaped, unless it says that it is HTML already."""
        loader = PackageLoader("panregion.console", "templates")
        options: dict[str, Any] = {"trim_blocks": True, "lstrip_blocks": True, "undefined": StrictUndefined}
        environment = Environment(loader=loader, autoescape=True, **options)
        environment.globals.update(
            regions=self.settings.regions, token=self.token, version=__version__, address=address, folder=self.folder
        )
        environment.globals.update(edge_port=self.settings.ports.edge)
        environment.filters.update(words.FILTERS)
        return environment

    @cached_property
    def followed(self) -> Followed:
        """Requests that were sent from here."""
        return Followed(self.settings, self.world)

    @cached_property
    def gamedays(self) -> GameDays:
        """Those of the world's folder."""
        return GameDays(self.settings.path.parent, self.settings.path / "logs", self.world.clock)

    @property
    def folder(self) -> str:
        """The folder that the world is of."""
        return str(self.settings.path.parent)

    def page(self, template: str, *, status: int = 200, **values: Any) -> Response:
        """HTML of templates/<template>.html.j2. `title` is among the values."""
        text = self._templates.get_template(f"{template}.html.j2").render(**values)
        return Response(status, HTML, text.encode())

    def complaint(self, title: str, text: str, *, status: int, command: str | None = None) -> Response:
        """A page that says what went wrong, and the command that tells more or mends it."""
        return self.page("complaint", status=status, title=title, text=text, command=command)


@dataclass(frozen=True)
class Asked:
    """A request as a page sees it: its query and form, decoded; of a key that comes twice, the last."""

    method: str
    path: str
    query: dict[str, str]
    form: dict[str, str]
    headers: dict[str, str]

    @staticmethod
    def of(request: Request) -> "Asked":
        body = request.body.decode("utf-8", "replace") if request.method == "POST" else ""
        headers = {name: request.header(name) or "" for name in ("accept", "referer", "last-event-id", "x-part")}
        query = dict(parse_qsl(request.query, keep_blank_values=True))
        return Asked(request.method, request.path, query, dict(parse_qsl(body, keep_blank_values=True)), headers)


def address(*parts: str, **query: str | None) -> str:
    """A link within the console: its parts and query encoded; what is None or empty is left out."""
    path = "/" + "/".join(quote(part, safe="") for part in parts)
    kept = {key: value for key, value in query.items() if value}
    return f"{path}?{urlencode(kept)}" if kept else path


def redirect(to: str) -> Response:
    """Look there now, with GET."""
    return Response(303, [("Location", to), ("Cache-Control", "no-store")])


def as_json(value: object, status: int = 200) -> Response:
    """A value for a script of ours."""
    return Response(
        status, [("Content-Type", "application/json"), ("Cache-Control", "no-store")], msgspec.json.encode(value)
    )
