"""Who comes back: measures over time."""
