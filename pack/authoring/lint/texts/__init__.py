"""Checks of a flow as it is written: its text, keys and values."""
