"""Exports of shops and tools: what their columns are called, and how they spell times and money."""

from whalecurve.engine.exports.role_candidates import Candidate, candidates
from whalecurve.engine.exports.sample import sample_of
from whalecurve.engine.exports.spellings import Spelling, money_in, times_in

__all__ = ["Candidate", "Spelling", "candidates", "money_in", "sample_of", "times_in"]
