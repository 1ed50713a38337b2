"""Functions behind web addresses, as HTTP APIs and function URLs have them: events, answers, CORS. Pure."""

from panregion.functions.web import cors
from panregion.functions.web.answers import PRELUDE_TYPE, Malformed, prelude, response
from panregion.functions.web.events import WebCall, event, parse_query, shown_body, shown_headers, time_text

__all__ = [
    "PRELUDE_TYPE",
    "Malformed",
    "WebCall",
    "cors",
    "event",
    "parse_query",
    "prelude",
    "response",
    "shown_body",
    "shown_headers",
    "time_text",
]
