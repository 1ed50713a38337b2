"""DynamoDB Streams: what happened to a table's items, for 24 hours. AWS gives it an API of its own.

It lies within DynamoDB's folder because a record is written in the transaction of the change that it tells of.
Start at `layout.py` (what a stream is and where it lies), `recording.py` (how records come about), `api.py`.
"""

from panregion.services.dynamodb.streams import api, internal
from panregion.services.service import Service

SERVICE = Service(name="dynamodbstreams", api=api, internal=internal)
