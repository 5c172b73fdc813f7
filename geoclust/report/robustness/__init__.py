"""A robustness experiment written out: files, facts for scripts, a terminal.  Computes nothing."""
