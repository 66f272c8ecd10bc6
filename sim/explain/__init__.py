"""Explains a scenario in plain words: what it assumes, why so many seats, what would mislead."""
