"""What if: customer lifetime value under changed assumptions, from the models and customers of a result."""
