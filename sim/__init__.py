"""Another world plugged into the same core: real SIP load (`sim.load`)."""
