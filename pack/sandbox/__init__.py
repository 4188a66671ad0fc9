"""An embedded engine and a simulated Slack to try flows with."""
