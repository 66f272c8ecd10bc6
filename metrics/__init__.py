"""Measures of the centre: every figure is a function of an additive tally."""
