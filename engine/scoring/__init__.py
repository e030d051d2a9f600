"""The two main jobs: score, and measure."""

from whalecurve.engine.scoring.job import Job, open_job
from whalecurve.engine.scoring.records import definitions

__all__ = ["Job", "definitions", "open_job"]
