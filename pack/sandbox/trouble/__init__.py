"""What can go wrong with a server, whatever it simulates: rules, latencies, closed doors, broken answers."""
