"""The routing engine: pure, deterministic, driven by controller, simulator and replayer."""
