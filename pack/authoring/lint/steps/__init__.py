"""Checks of steps: what they wait for, what they give, and how they follow one another."""
