"""What is bought together and one after the other, and what each customer is likely to buy next."""
