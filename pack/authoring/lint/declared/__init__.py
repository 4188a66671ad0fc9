"""What is known of packs: their commands, events and payloads."""
