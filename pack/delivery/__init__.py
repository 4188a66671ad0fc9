"""What makes an action happen once, in order, and be told."""
