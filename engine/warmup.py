"""Compile every kernel that a run may use, by running all stages over small logs."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import get_args

import numpy as np
import polars as pl

from whalecurve.engine.baskets.study_baskets import study_baskets
from whalecurve.engine.errors import InputError
from whalecurve.engine.experiments import places_of
from whalecurve.engine.models import CONTINUOUS, MODELS, fit_histories, fit_spend, purchase_model
from whalecurve.engine.models.covariates import EFFECTS, KINDS, DropoutEffect
from whalecurve.engine.newcomers.value_newcomers import value_newcomers
from whalecurve.engine.notebook import Displayed
from whalecurve.engine.scenarios.whatif import whatif
from whalecurve.engine.scoring.score import score
from whalecurve.engine.settings import Scoring, Window
from whalecurve.engine.simulation import Simulation
from whalecurve.engine.simulation.simulate import simulate
from whalecurve.engine.stages import OnStage
from whalecurve.engine.store import split_few
from whalecurve.engine.subscriptions.measure_subscriptions import measure_subscriptions
from whalecurve.engine.unfinished import temporary_directory
from whalecurve.engine.validation.validate import validate
from whalecurve.kernels.compiler import cache, machine_code

CUSTOMERS, DAYS, HISTORIES = 400, 400, 2_000


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Warmup(Displayed):
    """What a warm-up did.

    directory : where compiled kernels are kept
    n_compiled, n_present : kernels, each counted once for every kind of argument, that were compiled now, or before
    seconds : it took
    """

    directory: Path
    n_compiled: int
    n_present: int
    seconds: float

    def facts(self) -> dict[str, object]:
        """Kernels, and where they are kept."""
        return {
            "compiled": self.n_compiled,
            "present": self.n_present,
            "seconds": self.seconds,
            "in": self.directory,
        }


def warm_up(on_stage: OnStage | None = None) -> Warmup:
    """Fill the cache of compiled kernels, so that no run waits for the compiler: not this user's, on this kind of CPU.

    Parameters
    ----------
    on_stage
        Called with the name of each stage as it begins.

    Returns
    -------
    Warmup
        How many kernels there are, and how long it took.

    Raises
    ------
    InputError
        There is no directory to keep compiled kernels in.

    Examples
    --------
    >>> import whalecurve as wc
    >>> done = wc.warmup()  # doctest: +SKIP
    """
    directory = cache.PLACE
    if directory is None:
        raise InputError(
            "compiled kernels: no directory to keep them in can be written to; set NUMBA_CACHE_DIR to one that can"
        )
    began, before = time.perf_counter(), _compiled(directory)
    with temporary_directory() as folder:
        for done in _runs(folder):
            if on_stage is not None:
                on_stage(done)
    after = _compiled(directory)
    n_compiled = sum(before.get(name) != stamp for name, stamp in after.items())
    return Warmup(
        directory=directory,
        n_compiled=n_compiled,
        n_present=len(after) - n_compiled,
        seconds=round(time.perf_counter() - began, 3),
    )


def _compiled(directory: Path) -> dict[str, int]:
    """Compiled kernels, each with the time at which it was written."""
    kept = "*.kernel" if machine_code.is_usable() else "*.nbc"
    return {path.name: path.stat().st_mtime_ns for path in directory.glob(kept)}


def _runs(folder: Path) -> Iterator[str]:
    """Everything that a run can be, over logs with both kinds of ids; yields what was done."""
    for ids, drawn_from in (("integer", "bgnbd"), ("string", "pnbd")):
        log = simulate(Simulation(customers=CUSTOMERS, days=DAYS, ids=ids, model=drawn_from), folder / ids)
        yield f"simulate {ids} ids"
        for _ in range(2):  # with a new state, and with one that is there
            score(log.orders, out=folder / "scores", overwrite=True, state=folder / f"state-{ids}")
        yield f"score {ids} ids"
        validate(log.orders, holdout_days=DAYS // 4)
        validate(log.orders, holdout_days=DAYS // 4, window=Window(period="week"))
        yield f"validate {ids} ids"
    for scoring in _scorings(_traits(log.orders, folder / "traits.parquet")):
        window = Window(period="month" if purchase_model(scoring.model).is_discrete else None)
        score(log.orders, out=folder / "scores", window=window, scoring=scoring, overwrite=True)
        if scoring.covariates is None:
            is_plain = not purchase_model(scoring.model).has_stages
            if is_plain:
                whatif(folder / "scores", levers={"retention": 0.1})
            value_newcomers(folder / "scores", settings={"residual": is_plain})
        yield f"score by {scoring.model}" + (f" with traits on {scoring.dropout_effect}" if scoring.covariates else "")
    study_baskets(log.orders, {"by": "product", "category": "category", "min_customers": 5, "holdout_days": DAYS // 4})
    yield "count pairs"
    split_few()
    yield "split ids"
    places_of(pl.Series(["1"]), "warmup")
    yield "hash ids"
    _fit_arrays()
    yield "fit arrays"
    _measure_contracts()
    yield "contracts"


def _scorings(traits: Path) -> Iterator[Scoring]:
    """Every model, and every way in which traits act on one."""
    for model in MODELS:
        yield Scoring(model=model, intervals=0.9, rfm_method="nested")
    yield Scoring(spend="mean", intervals=0.9)
    yield Scoring(spend="auto", intervals=0.9)
    for model in EFFECTS:
        for effect in get_args(DropoutEffect):
            if set(KINDS[effect]) <= set(EFFECTS[model]):
                yield Scoring(model=model, covariates=str(traits), dropout_effect=effect)


def _traits(orders: Path, path: Path) -> Path:
    customers = pl.read_parquet(orders / "*.parquet", columns=["customer_id"]).unique(maintain_order=True)
    rng = np.random.default_rng(0)
    customers.with_columns(pl.Series("age", rng.normal(size=customers.height))).write_parquet(path)
    return path


def _measure_contracts() -> None:
    """Both models of contracts, and their values."""
    start, months = date(2024, 1, 1), [1, 1, 1, 2, 2, 3, 4] * 3
    ends = [date(2024, 1 + month, 1) for month in months] + [None] * 12
    contracts = pl.DataFrame({"customer": range(len(ends)), "start": [start] * len(ends), "end": ends})
    for model in ("sbg", "bdw"):
        measure_subscriptions(contracts, settings={"as_of": date(2024, 8, 1), "model": model})


def _fit_arrays() -> None:
    """Histories that crowd few days, which other kernels sum; and histories with a time of their own each."""
    rng = np.random.default_rng(0)
    rates = rng.gamma(0.5, 4.0, HISTORIES)
    x, T = rng.poisson(rates).astype(float), rng.integers(1, 20, HISTORIES).astype(float)
    t_x = np.where(x > 0, np.ceil(T * rng.random(HISTORIES)), 0.0)
    apart = rng.uniform(1.0, 1.5, HISTORIES)
    for name in CONTINUOUS:
        fit_histories(name, x, t_x, T)
        fit_histories(name, x, t_x * apart, T * apart)
    fit_histories("mbgcnbd", x, t_x, T, stages=2)
    fit_histories("mbgcnbd", x, t_x * apart, T * apart, stages=2)
    fit_spend(x, rng.lognormal(3.0, 1.0, HISTORIES))
