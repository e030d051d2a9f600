"""Models whose rates depend on traits of customers."""
