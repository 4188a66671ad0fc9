"""An embedded flow engine that answers as Flyte does."""
