"""What the pack costs, measured as a real process beside a bare loop that makes the same calls."""
