"""Special functions and distributions that the models share."""
