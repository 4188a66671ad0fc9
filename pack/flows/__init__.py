"""Flows: how they are written down, what they mean, and what a step makes of an event. No I/O."""
