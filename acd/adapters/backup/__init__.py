"""A backup on disk: a folder of sets, each a whole copy and the increments that follow it."""
