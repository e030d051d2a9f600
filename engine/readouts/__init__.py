"""What experiments showed: outcomes of the arms from the orders, effects, and what follows."""
