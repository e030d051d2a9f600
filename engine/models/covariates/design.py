"""The design matrix of covariates: named columns of numbers, one row a customer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from whalecurve.engine.errors import InputError, listed, setting
from whalecurve.kernels.arrays import Matrix, Vector

LEAST_VARIANCE = 1e-9  # share of a column's variance that those before it must leave unexplained
OTHERS = f"or choose other columns with {setting('covariate_columns')}"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Design:
    """A design matrix: one row a customer, one column a numeric covariate or a level other than the base.

    names : of the columns; `channel=web` for level web of column channel
    values : float64[n, m], finite
    sources : the file's column behind each name; by default the name itself
    bases : level that stands for 0 in all columns of a category
    n_unused : customers of the file who are not among those asked for
    """

    names: tuple[str, ...]
    values: Matrix
    sources: tuple[str, ...] = ()
    bases: Mapping[str, str] = field(default_factory=dict)
    n_unused: int = 0

    def __post_init__(self) -> None:
        if self.values.ndim != 2 or self.values.shape[1] != len(self.names):
            shape = " x ".join(str(size) for size in self.values.shape)
            raise InputError(f"covariates: {len(self.names)} names for {shape} values; give a name for each column")
        if len(set(self.names)) != len(self.names):
            twice = next(name for name in self.names if self.names.count(name) > 1)
            raise InputError(f'covariates: two columns are named "{twice}"; rename one')
        if not np.isfinite(self.values).all():
            at = int(np.argmin(np.isfinite(self.values).all(axis=0)))
            raise InputError(f'covariates: "{self.names[at]}" holds NaN or infinity; leave such customers out')
        if not self.sources:
            object.__setattr__(self, "sources", self.names)

    def only(self, columns: Sequence[str]) -> "Design":
        """The part that comes from some columns of the file, for a process that others do not act on.

        Raises
        ------
        InputError
            A column that the design does not have.
        """
        own = list(dict.fromkeys(self.sources))
        for column in columns:
            if column not in own:
                raise InputError(f'covariates: no column "{column}"; there are {listed(own)}')
        kept = [i for i, source in enumerate(self.sources) if source in columns]
        return Design(
            names=tuple(self.names[i] for i in kept),
            values=np.ascontiguousarray(self.values[:, kept]),
            sources=tuple(self.sources[i] for i in kept),
            bases={column: base for column, base in self.bases.items() if column in columns},
            n_unused=self.n_unused,
        )


def column_moments(design: Design, place: str = "covariates", weights: Vector | None = None) -> tuple[Vector, Vector]:
    """Mean and standard deviation of each column of a design.

    Parameters
    ----------
    weights : float64[n], optional
        Customers behind each row.

    Raises
    ------
    InputError
        A column with one value, or one that is a combination of those before it.
    """
    n = np.ones(design.values.shape[0]) if weights is None else weights
    if n.size == 0:
        raise InputError(f"{place}: no customer; give one row a customer")
    means = np.array([(n * column).sum() for column in design.values.T]) / n.sum()
    for name, column in zip(design.names, design.values.T, strict=True):
        if (column == column[0]).all():
            raise InputError(f'{place}: covariate "{name}" is {column[0]:g} for every customer; leave it out, {OTHERS}')
    farthest = np.abs(design.values - means).max(axis=0)
    standard = (design.values - means) / farthest  # first to [-1, 1], whose squares are numbers whatever the unit
    scale = np.sqrt(np.array([(n * column**2).sum() for column in standard.T]) / n.sum())
    standard /= scale
    correlation = (standard * n[:, None]).T @ standard / n.sum()
    for i in range(1, len(design.names)):
        before = correlation[:i, :i]
        weights_before = np.linalg.solve(before, correlation[:i, i])
        if 1.0 - weights_before @ correlation[:i, i] < LEAST_VARIANCE:
            named = [f'"{design.names[j]}"' for j in range(i) if abs(weights_before[j]) > 1e-6]
            raise InputError(
                f'{place}: covariate "{design.names[i]}" follows from {" and ".join(named)}; leave one of them out, '
                f"{OTHERS}"
            )
    return means, scale * farthest
