"""The JSON interface: bodies, handlers, and what each route is for."""
