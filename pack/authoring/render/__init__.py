"""Trying flows with an event: what each step would do, and why; nothing is run."""
