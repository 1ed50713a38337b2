"""DynamoDB: tables, items, indexes, transactions, global tables.

Start at `api.py` (operations), `layout.py` (where things lie) and `writing.py` (what a write does).
"""

from panregion.services.dynamodb import api, api_internal
from panregion.services.dynamodb.quick import SHORTCUTS
from panregion.services.dynamodb.replication import start
from panregion.services.dynamodb.stack_global import RESOURCES
from panregion.services.dynamodb.work import WORK
from panregion.services.service import Service

SERVICE = Service(
    name="dynamodb",
    api=api,
    internal=api_internal,
    shortcuts=SHORTCUTS,
    work=WORK,
    resources=RESOURCES,
    start=start,
)
