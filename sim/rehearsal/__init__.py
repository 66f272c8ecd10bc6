"""A scenario's busiest hour with real telephones, held call by call against its simulation."""
