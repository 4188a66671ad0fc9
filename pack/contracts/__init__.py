"""The public contract: what commands and events look like, and the ports that adapters fill."""
