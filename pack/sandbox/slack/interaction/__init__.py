"""What people do with an app's buttons, modals, shortcuts and commands, and what its answers cause."""
