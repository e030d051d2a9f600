"""The part of a very large log that is looked at where a share of the whole says enough."""

from whalecurve.engine.customer_shares import Share, passes_for

SAMPLE_LINES = 8_000_000
"""Lines of which hashes are held in memory; of a larger log, those of a share of all ids or contents, wherever they
are."""


def sample_of_lines(n_lines: int) -> Share:
    """The share of the ids, or contents, of so many lines that is looked at: all of them up to `SAMPLE_LINES`."""
    return Share(0, passes_for(n_lines, SAMPLE_LINES))
