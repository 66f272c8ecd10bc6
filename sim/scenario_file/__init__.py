"""Scenarios as files that people write: read whole, every fault named, written, shipped."""
