"""Slack's rate limits."""
