"""What sets a segment apart, and which values of dimensions go with good or bad behaviour."""
