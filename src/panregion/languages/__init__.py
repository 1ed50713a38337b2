"""The small languages that AWS speaks: text to values and decisions. No sockets, no clock, no state."""
