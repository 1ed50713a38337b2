"""Amazon CloudWatch Logs: groups, streams, events, filters."""

from panregion.services import Service
from panregion.services.logs import api, internal
from panregion.services.logs.stack import LOG_GROUP

SERVICE = Service(name="logs", api=api, internal=internal, resources={LOG_GROUP.type_name: LOG_GROUP})
