"""Payloads on their way to the app: events and interactions, by Socket Mode or over HTTP."""
