"""Use cases of the imperative shell: what happens around the pure engine."""
