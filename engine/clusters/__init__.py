"""Clusters of customers by chosen columns: as many as are stable, described, compared with RFM segments, kept."""
