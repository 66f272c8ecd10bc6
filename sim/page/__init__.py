"""The planner's page: what it asks, and the processes of lowest priority that answer it."""
