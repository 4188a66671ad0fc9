"""What helps those who write flows: checking them, trying them with an event, their schemas."""
