"""A study on a terminal: its summary, its inputs, its progress.  Computes nothing."""
