"""RFM scores and thresholds, ties kept together."""
