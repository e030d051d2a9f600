"""Log-likelihoods with derivatives, summed over histories."""
