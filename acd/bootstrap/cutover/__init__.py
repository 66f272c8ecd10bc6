"""The cut-over kit: checked, rehearsed with real calls, switched behind a gate, rolled back in
minutes, all of it in an evidence file that a city can file (docs/operations/cutover.md).
"""
