"""The order log of a validation: opened, and audited before anything is fitted."""

from dataclasses import dataclass
from pathlib import Path

from whalecurve.engine.audit import Audit, audit_orders, refuse_too_many, turnover_is_safe
from whalecurve.engine.order_files import Paths
from whalecurve.engine.publication import check_target
from whalecurve.engine.runtime import Budget, memory_budget
from whalecurve.engine.scoring import Job, open_job
from whalecurve.engine.settings import Columns, Given, Scoring, Window
from whalecurve.engine.stages import Stages


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedLog:
    """What a validation begins with: the job over the orders, the memory to keep to, the lines that count."""

    job: Job
    budget: Budget
    audit: Audit


def open_log(
    orders: Paths,
    columns: Columns | Given | None,
    window: Window | Given | None,
    scoring: Scoring | Given | None,
    *,
    out: str | Path | None,
    overwrite: bool,
    max_refused: float | None,
    memory: int | None,
    stages: Stages,
) -> AuditedLog:
    """Open and audit the orders, and make sure that `out` can be written; parameters as for `validate`.

    Raises
    ------
    InputError
        Input that cannot be worked with, more refused lines than `max_refused`, an `out` that cannot be written.
    """
    with stages.stage("open"):
        job = open_job(orders, columns, window, scoring)
        budget = memory_budget(memory, job.orders.n_rows)
        if out is not None:
            check_target(Path(out), overwrite=overwrite, orders=job.orders.paths)
    with stages.stage("audit"):
        audit = audit_orders(job.orders, job.window)
        refuse_too_many(job.orders, audit, max_refused)
        turnover_is_safe(job.orders, audit)
    return AuditedLog(job=job, budget=budget, audit=audit)
