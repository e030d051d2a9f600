"""Days of customers counted into measures over time."""
