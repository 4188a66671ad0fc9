"""The flow language: templates and criteria, as the engine evaluates them. Pure."""
