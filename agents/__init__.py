"""The human side of the centre: operator states, skills, roster. Pure."""
