"""JSON Schemas of flows, commands and events."""
