"""Who is to be written to today, and why."""
