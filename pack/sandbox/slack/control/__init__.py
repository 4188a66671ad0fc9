"""The sandbox's own addresses, for the command line, tests and scripts."""
