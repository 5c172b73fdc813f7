"""What hangs on coordinates and addresses, as files, JSON and on a terminal.  Computes nothing."""
