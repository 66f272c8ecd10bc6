"""What really happened becomes a scenario: rates, lengths, patience, and how sure they are."""
