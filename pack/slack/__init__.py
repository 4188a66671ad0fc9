"""Slack, as adapters of the Slack and Receiver ports."""
