"""Numbers about numbers: proportions, ratios by clusters, shrinkage, survival."""
