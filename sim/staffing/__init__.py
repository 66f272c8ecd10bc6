"""Least cost: how many of each group in each interval, and which shifts put them there."""
