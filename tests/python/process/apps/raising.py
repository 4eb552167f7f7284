"""Fails."""

1 / 0
