"""The faults that a region has in itself: of its calls, functions, replication, disk, clock and processors.

`model` is the words in which control tells them, `keeper` what acts on them.
"""
