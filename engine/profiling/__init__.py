"""The ideal customer of a segment."""
