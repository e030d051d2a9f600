"""What customers say and how they were served: scores of surveys, and tickets, by segment, tier, product and wave."""
