"""Customers with one history and the same covariates, counted, and how covariates enter the models."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from whalecurve.engine.errors import InputError
from whalecurve.engine.models import Histories, PurchaseModel
from whalecurve.engine.models.covariates.design import Design, column_moments
from whalecurve.kernels.arrays import Matrix, Vector
from whalecurve.kernels.likelihoods.covariate_likelihood import N_PARAMS

BETA_GEOMETRIC = {
    "purchase": {"alpha": -1.0},
    "dropout": {"a": 0.5, "b": -0.5},
    "dropout_a": {"a": 1.0},
    "dropout_b": {"b": 1.0},
    "dropout_ab": {"a": 1.0, "b": 1.0},
}
EFFECTS = {
    "bgnbd": BETA_GEOMETRIC,
    "mbgnbd": BETA_GEOMETRIC,
    "pnbd": {"purchase": {"alpha": -1.0}, "dropout": {"beta": -1.0}},
}
"""What a coefficient of each kind adds to the log of which parameter. It is called `kind:covariate`."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Groups:
    """Distinct histories with covariates, ascending, and the coefficients to fit.

    histories : distinct but for the covariates
    design : float64[n, m], C-contiguous, standardised: each column has mean 0 and standard deviation 1 over customers
    names, columns, means, spreads : of each coefficient, the column it goes with, that column's mean and standard
    deviation before
    loadings : float64[K, 4], of each coefficient on the logs of the four parameters
    """

    histories: Histories
    design: Matrix
    names: tuple[str, ...]
    columns: NDArray[np.int64]
    means: Vector
    spreads: Vector
    loadings: Matrix


def grouped(
    model: PurchaseModel,
    x: ArrayLike,
    t_x: ArrayLike,
    T: ArrayLike,
    counts: ArrayLike | None,
    designs: Mapping[str, Design | None],
) -> Groups:
    """Count customers with equal history and covariates.

    Parameters
    ----------
    x, t_x, T, counts : array_like[n]
        Histories, checked.
    designs
        By kind of effect.

    Raises
    ------
    InputError
        A design of another length, with a constant column or one that others determine.
    """
    histories = [np.asarray(column, dtype=np.float64).ravel() for column in (x, t_x, T)]
    n = np.ones_like(histories[0]) if counts is None else np.asarray(counts, dtype=np.float64).ravel()
    columns: list[Vector] = []
    at: dict[str, list[int]] = {}
    for kind, design in designs.items():
        values = design.values if design else np.empty((n.size, 0))
        if values.shape[0] != n.size:
            raise InputError(
                f"covariates: {values.shape[0]} rows for {n.size} histories; give one of each per customer"
            )
        at[kind] = [_index(columns, column) for column in values.T]
    distinct, table = _counted(histories, n, columns)
    kinds = {kind: design for kind, design in designs.items() if design and design.names}
    moments = {
        kind: column_moments(replace(design, values=table[:, at[kind]]), weights=distinct.counts)
        for kind, design in kinds.items()
    }
    coefficients = [
        (f"{kind}:{name}", column, mean, spread, _loading(model, kind))
        for kind, design in kinds.items()
        for name, column, mean, spread in zip(design.names, at[kind], *moments[kind], strict=True)
    ]
    for column, mean, spread in {c[1]: c[1:4] for c in coefficients}.values():
        table[:, column] = (table[:, column] - mean) / spread
    return Groups(
        histories=distinct,
        design=table,
        names=tuple(c[0] for c in coefficients),
        columns=np.array([c[1] for c in coefficients], dtype=np.int64),
        means=np.array([c[2] for c in coefficients]),
        spreads=np.array([c[3] for c in coefficients]),
        loadings=np.array([c[4] for c in coefficients]).reshape(-1, N_PARAMS),
    )


def every(groups: Groups, stride: int) -> Groups:
    """Each stride-th group: a sample that is spread over all histories."""
    h = groups.histories
    x, t_x, T, counts = (np.ascontiguousarray(column[::stride]) for column in (h.x, h.t_x, h.T, h.counts))
    return replace(
        groups,
        histories=Histories(x=x, t_x=t_x, T=T, counts=counts),
        design=np.ascontiguousarray(groups.design[::stride]),
    )


def _index(columns: list[Vector], column: Vector) -> int:
    """Where the column is among some; it joins them if it is new."""
    for i, other in enumerate(columns):
        if np.array_equal(other, column):
            return i
    columns.append(column)
    return len(columns) - 1


def _counted(histories: list[Vector], n: Vector, columns: list[Vector]) -> tuple[Histories, Matrix]:
    """Distinct rows in ascending order, histories and covariates apart."""
    # Adding 0 turns -0 into 0: equal customers must look alike.
    keys = {f"k{i}": column + 0.0 for i, column in enumerate([*histories, *columns])}
    rows = pl.DataFrame({**keys, "n": n}).filter(pl.col("n") > 0).group_by(list(keys)).agg(pl.col("n").sum())
    rows = rows.sort(list(keys))
    x, t_x, T, counts = (rows[name].to_numpy(writable=True) for name in ("k0", "k1", "k2", "n"))
    table = np.empty((rows.height, len(columns)))
    for i in range(len(columns)):
        table[:, i] = rows[f"k{i + 3}"].to_numpy()
    return Histories(x=x, t_x=t_x, T=T, counts=counts), table


def _loading(model: PurchaseModel, kind: str) -> list[float]:
    return [EFFECTS[model.name][kind].get(param, 0.0) for param in model.params]
