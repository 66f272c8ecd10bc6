"""The distributor: who answers which caller, and everything that carries the answer out."""
