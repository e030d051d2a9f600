"""Does it predict? Fit on the past, compare with what came."""
