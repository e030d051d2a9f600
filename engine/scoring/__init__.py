"""The two main jobs: score, and measure."""
