"""Several controllers of one centre: one leads, the others stand by (docs/adr/0030)."""
