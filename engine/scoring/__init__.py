"""The jobs that score every customer: `score`, and `measure` over time."""

from whalecurve.engine.scoring.job import Job, open_job
from whalecurve.engine.scoring.records import definitions

__all__ = ["Job", "definitions", "open_job", "risk_horizon"]
