"""How many will call: tomorrow from the days before, the afternoon from the morning."""
