"""What Slack's reference says: methods, arguments, scopes, limits, error codes, events."""
