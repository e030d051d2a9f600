"""Why and who: what sets segments apart."""
