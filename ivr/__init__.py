"""Talking to the caller before and after the operator: flows, prompts, announcements. Pure."""
