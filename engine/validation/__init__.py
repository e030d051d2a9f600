"""Backtests: models fitted to the past, held against a holdout and against simple baselines."""
