"""Reading queues and streams for somebody: what Lambda's event source mappings and EventBridge Pipes have in common.

No service: it has no operations. `reading.py` what is read and who takes it; `records.py` what a taker is given and
what it answers about single records (pure); `queues.py` and `streams.py` read (`windows.py`: in
tumbling windows); `readers.py` keeps a reader running for
everything that is to be read.
"""

from panregion.services.sources.readers import Readers, Wanted
from panregion.services.sources.reading import CONCURRENT_BATCHES, UNTIL_EXPIRED, Reading, Taken, Taker, WindowTaker
from panregion.services.sources.records import failed_items, queue_record, stream_record, wanted
from panregion.services.sources.streams import batch_info

__all__ = [
    "CONCURRENT_BATCHES",
    "UNTIL_EXPIRED",
    "Readers",
    "Reading",
    "Taken",
    "Taker",
    "Wanted",
    "WindowTaker",
    "batch_info",
    "failed_items",
    "queue_record",
    "stream_record",
    "wanted",
]
