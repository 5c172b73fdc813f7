"""An output folder: locked by one run, checked before work begins, put in place whole or not."""
