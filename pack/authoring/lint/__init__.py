"""Checking flows before they run: what is wrong, where, and how to write it right."""
