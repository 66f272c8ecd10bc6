"""Recordings on disk: compressed, encrypted, and taken apart again."""
