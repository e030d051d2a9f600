"""When each customer buys, how much, what, and how."""
