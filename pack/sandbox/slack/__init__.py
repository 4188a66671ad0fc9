"""A simulated Slack workspace."""
