"""What there is in the simulated workspace and what happens to it, apart from any way to reach it."""
