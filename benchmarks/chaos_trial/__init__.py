"""What a chaos trial is made of: a schedule, the pack as a process, its surroundings, and a checker."""
