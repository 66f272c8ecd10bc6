"""A recorded day played again by the production engine, as it was and as it might have been."""
