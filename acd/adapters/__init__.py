"""The rim: the real things behind the ports (the switch, the stores, the database, the clock)."""
