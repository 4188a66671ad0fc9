"""Findings as they are told: to people, and to programs."""
