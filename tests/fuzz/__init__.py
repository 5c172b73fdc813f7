"""Coverage-guided fuzzing of every door through which data come in."""
