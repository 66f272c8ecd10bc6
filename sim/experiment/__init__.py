"""Studies: many days of one scenario, on all cores or on a cluster, until a figure is sure."""
