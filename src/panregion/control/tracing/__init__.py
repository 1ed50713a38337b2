"""Following one request of somebody in a city: resolver, policy, link, cache, gateway, function, store, replication.

following.py   the whole way as one value     legs.py     the request itself, with a watch in hand
inside.py      what the regions did for it    rows.py     that value as lines to read
"""

from panregion.control.tracing.following import CannotFollow, Question, follow, parsed, site_of
from panregion.control.tracing.rows import Leg, Row, legs, rows
from panregion.control.tracing.where import places

__all__ = ["CannotFollow", "Leg", "Question", "Row", "follow", "legs", "parsed", "places", "rows", "site_of"]
