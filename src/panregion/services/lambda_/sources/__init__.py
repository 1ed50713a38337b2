"""Event source mappings: queues and streams that invoke functions.

`model.py` what a mapping is; `events.py` what a function is given and what it answers (pure); `queues.py` and
`streams.py` read; `pollers.py` runs a reader for every mapping that is enabled.
"""
