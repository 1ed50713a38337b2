"""Event source mappings: queues and streams that invoke functions.

`model.py` what a mapping is; `calls.py` invoking the function with a batch, and telling of what was given up;
`pollers.py` has the readers of services/sources follow the mappings.
"""
