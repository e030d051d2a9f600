"""The jobs that score every customer: `score`, and `measure` over time."""

from whalecurve.engine.scoring.job import Job, open_job
from whalecurve.engine.scoring.old_run import OldRun, open_old_run
from whalecurve.engine.scoring.records import definitions
from whalecurve.engine.scoring.scored_log import fitting, scored

__all__ = ["Job", "OldRun", "definitions", "fitting", "open_job", "open_old_run", "scored"]
