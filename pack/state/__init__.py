"""Stores: what survives, and where."""
