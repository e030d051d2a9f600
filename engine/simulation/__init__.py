"""An order log without data."""
