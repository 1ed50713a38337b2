"""The network's own API: what the links are like, and faults.

GET    /_panregion/health               {"status": "ok", ...}
GET    /_panregion/sites                names of all sites
GET    /_panregion/links                every link that was used or changed
GET    /_panregion/links/<from>/<to>    one link
PUT    /_panregion/links                a list of {"from", "to", ...what is disturbed (Faults)}; others are healed
PUT    /_panregion/links/<from>/<to>    change what the JSON body names (see Faults); the rest stays
DELETE /_panregion/links/<from>/<to>    undo all faults of one link
DELETE /_panregion/links                undo all faults
"""

from typing import Any

import msgspec

from panregion.network.network import Disturbed, Faults, Network
from panregion.network.sites import UnknownSite

PREFIX = "/_panregion/"

Answer = tuple[int, Any]


def respond(network: Network, method: str, path: str, body: bytes) -> Answer:
    """(status, JSON value) for one request."""
    try:
        match (method, *path.removeprefix(PREFIX).split("/")):
            case ("GET", "health"):
                return 200, {"status": "ok", "links": len(network.links)}
            case ("GET", "sites"):
                return 200, {"sites": network.sites.names}
            case ("GET", "links"):
                return 200, {"links": [link.describe() for link in network.links]}
            case ("PUT", "links"):
                return _all(network, body)
            case ("DELETE", "links"):
                for link in network.links:
                    link.set(link.undisturbed)
                return 200, {"links": [link.describe() for link in network.links]}
            case (_, "links", from_site, to_site):
                return _one(network, method, from_site, to_site, body)
    except UnknownSite as error:
        return 400, {"message": str(error)}
    return 404, {"message": f"the network has no {method} {path}"}


def _all(network: Network, body: bytes) -> Answer:
    """Have exactly these links disturbed. One that is as it is to be is left alone: what is under way stays so."""
    try:
        wanted = msgspec.json.decode(body, type=list[Disturbed])
    except msgspec.DecodeError as error:
        return 400, {"message": str(error)}
    disturbed = {}
    for entry in wanted:
        link = network.link(entry.from_site, entry.to_site)
        disturbed[link] = entry.apply(link.undisturbed)
    for link in network.links:
        conditions = disturbed.get(link, link.undisturbed)
        if conditions != link.conditions:
            link.set(conditions)
    return 200, {"links": [link.describe() for link in disturbed]}


def _one(network: Network, method: str, from_site: str, to_site: str, body: bytes) -> Answer:
    link = network.link(from_site, to_site)
    if method == "PUT":
        try:
            faults = msgspec.json.decode(body, type=Faults)
        except msgspec.DecodeError as error:
            return 400, {"message": str(error)}
        link.set(faults.apply(link.conditions))
    elif method == "DELETE":
        link.set(link.undisturbed)
    elif method != "GET":
        return 405, {"message": f"{method} is not for a link"}
    return 200, link.describe()
