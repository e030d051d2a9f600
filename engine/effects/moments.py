"""Sums and sums of products of whole numbers by stratum and arm: exact, so the same whatever is added first.

They are all that means, variances and regressions of an experiment need, and those of two parts of the customers add
up to those of all. Money comes in the whole units of `engine.money`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement

import polars as pl

Key = tuple[int, int]
"""Stratum and arm, as numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """The customers of a stratum in an arm.

    n : how many they are
    sums : of each number
    products : of each pair of numbers, (0, 0), (0, 1), ..., (1, 1), ...
    """

    n: int
    sums: tuple[int, ...]
    products: tuple[int, ...]

    def __add__(self, other: "Cell") -> "Cell":
        """The customers of both."""
        return Cell(
            n=self.n + other.n,
            sums=tuple(a + b for a, b in zip(self.sums, other.sums, strict=True)),
            products=tuple(a + b for a, b in zip(self.products, other.products, strict=True)),
        )

    def mean(self, i: int) -> float:
        """Of number i: the float64 nearest to it."""
        return self.sums[i] / self.n

    def covariance(self, i: int, j: int) -> float:
        """Of numbers i and j, of a sample: the float64 nearest to it; 0 of a single customer."""
        i, j = min(i, j), max(i, j)
        size = len(self.sums)
        product = self.products[i * size - i * (i - 1) // 2 + j - i]
        return (self.n * product - self.sums[i] * self.sums[j]) / (self.n * (self.n - 1)) if self.n > 1 else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """Cells of all strata and arms, and the names of the numbers in them."""

    names: tuple[str, ...]
    cells: dict[Key, Cell]

    def __add__(self, other: "Moments") -> "Moments":
        """Those of both parts of the customers."""
        cells = dict(self.cells)
        for key, cell in other.cells.items():
            cells[key] = cells[key] + cell if key in cells else cell
        return Moments(names=self.names, cells=cells)

    def of_arm(self, arm: int) -> Cell:
        """An arm over all strata."""
        return _sum([cell for (_, own), cell in sorted(self.cells.items()) if own == arm], len(self.names))

    def of_stratum(self, stratum: int) -> Cell:
        """A stratum over all arms."""
        return _sum([cell for (own, _), cell in sorted(self.cells.items()) if own == stratum], len(self.names))


def _sum(cells: Sequence[Cell], size: int) -> Cell:
    total = Cell(n=0, sums=(0,) * size, products=(0,) * (size * (size + 1) // 2))
    for cell in cells:
        total = total + cell
    return total


def moments_of(customers: pl.DataFrame | pl.LazyFrame, names: Sequence[str]) -> Moments:
    """Add up columns of whole numbers.

    Parameters
    ----------
    customers
        A row each, with `stratum` and `arm` as whole numbers, and the named columns, Int64 without nulls. Sums of
        products are kept in 128 bits: 10^9 customers of up to 10^14 units each, which is 100 million of currency.
    """
    pairs = list(combinations_with_replacement(range(len(names)), 2))
    wide = [pl.col(name).cast(pl.Int128).alias(f"y{i}") for i, name in enumerate(names)]
    sums = customers.lazy().select("stratum", "arm", *wide).group_by("stratum", "arm").agg(
        n=pl.len(),
        **{f"s{i}": pl.col(f"y{i}").sum() for i in range(len(names))},
        **{f"p{i}_{j}": (pl.col(f"y{i}") * pl.col(f"y{j}")).sum() for i, j in pairs},
    )  # fmt: skip
    cells = {
        (row["stratum"], row["arm"]): Cell(
            n=row["n"],
            sums=tuple(row[f"s{i}"] for i in range(len(names))),
            products=tuple(row[f"p{i}_{j}"] for i, j in pairs),
        )
        for row in sums.collect(engine="streaming").iter_rows(named=True)
    }
    return Moments(names=tuple(names), cells=dict(sorted(cells.items())))


BITS = 80
"""Of the largest float in a sum of many: what is left of 128 has room for 2^47 of them."""


def exact_sums(cell: pl.Series, terms: pl.Series) -> pl.DataFrame:
    """Sums of non-negative floats by cell, the same in whatever order: as whole numbers of 2^-80 of the largest of all.

    Returns `cell` and `total`, a row a cell. The error is at most n·2^-81 of the largest term, n terms in the cell.
    """
    largest = terms.max()
    unit = float(largest) * 2.0**-BITS if isinstance(largest, float) and largest > 0.0 else 1.0
    units = (pl.col("term") / unit).round().cast(pl.Int128)
    sums = pl.DataFrame({"cell": cell, "term": terms}).lazy().select("cell", units=units).group_by("cell")
    return sums.agg(total=pl.col("units").sum().cast(pl.Float64) * unit).sort("cell").collect()
