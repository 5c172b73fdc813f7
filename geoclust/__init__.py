"""geoclust: innovation clusters from data instead of from administrative borders."""
