"""Backtests: models fitted to the past, held against a holdout and against simple baselines."""

from whalecurve.engine.validation.log import AuditedLog, open_log

__all__ = ["AuditedLog", "open_log"]
