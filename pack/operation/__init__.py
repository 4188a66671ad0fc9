"""What an operator does with the journal: looking into it, and running a failed command again."""
