"""Checks of templates and criteria."""
