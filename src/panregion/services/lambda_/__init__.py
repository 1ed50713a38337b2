"""AWS Lambda: functions, versions, aliases, layers, and their invocation."""

from panregion.services import Service
from panregion.services.lambda_ import api, internal
from panregion.services.lambda_.plane import UrlPlane
from panregion.services.lambda_.stack import RESOURCES
from panregion.services.lambda_.stack_sources import EVENT_SOURCE_MAPPING
from panregion.services.lambda_.stack_urls import URL
from panregion.services.lambda_.stack_versions import ALIAS, VERSION
from panregion.services.lambda_.starting import start
from panregion.services.lambda_.work import WORK

SERVICE = Service(
    name="lambda",
    api=api,
    internal=internal,
    work=WORK,
    plane=UrlPlane(),
    resources={**RESOURCES, **{each.type_name: each for each in (VERSION, ALIAS, EVENT_SOURCE_MAPPING, URL)}},
    start=start,
)
