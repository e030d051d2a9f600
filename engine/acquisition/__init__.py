"""What new customers cost, by where they came from, and whether that comes back."""
