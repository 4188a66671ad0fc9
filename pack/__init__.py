"""The Slack pack for Flyte."""

__version__ = "1.0.0.dev0"
