"""What no computation can give: time, chance, sockets, disk, processes, distance. The only room that asks for them."""

from panregion.world.chance import Chance, SeededChance, SystemChance
from panregion.world.client import ClientError, ClientTimeout, HttpClient, StreamedResponse
from panregion.world.clock import Clock, ManualClock, SystemClock
from panregion.world.dial import Connection, Dial, LinkError, direct_dial, link_dial
from panregion.world.http import Handler, Headers, Request, Response
from panregion.world.server import HttpServer, serve
from panregion.world.settings import SettingsError, WorldSettings, load_world, parse_settings, read_settings
from panregion.world.switching import Switching
from panregion.world.world import World

__all__ = [
    "Chance",
    "ClientError",
    "ClientTimeout",
    "Clock",
    "Connection",
    "Dial",
    "Handler",
    "Headers",
    "HttpClient",
    "HttpServer",
    "LinkError",
    "ManualClock",
    "Request",
    "Response",
    "SeededChance",
    "SettingsError",
    "StreamedResponse",
    "Switching",
    "SystemChance",
    "SystemClock",
    "World",
    "WorldSettings",
    "direct_dial",
    "link_dial",
    "load_world",
    "parse_settings",
    "read_settings",
    "serve",
]
