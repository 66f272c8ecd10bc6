"""The production engine itself, in virtual time: what runs is what is simulated."""
