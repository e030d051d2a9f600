"""Items as they come: numbered when first seen, counted, and in the end named in order."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl

from whalecurve.engine.runtime import frozen
from whalecurve.kernels.arrays import Int32

TIERS = ("low", "middle", "high")
"""Thirds of the items of a category by price."""

PRODUCT, CATEGORY = "product", "category"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Level:
    """What pairs are made of: products, or categories.

    of : `PRODUCT` or `CATEGORY`
    names : those that count, in order
    codes : int32[items by their first numbers], the place of each in `names`, -1 for none
    customers : how many bought each
    """

    of: str
    names: pl.Series
    codes: Int32
    customers: pl.Series

    @property
    def n(self) -> int:
        """How many there are."""
        return self.names.len()


class Numbering:
    """Items, or what they belong to, numbered from 0 as they come, with counts by number."""

    def __init__(self) -> None:
        self._known = pl.DataFrame(schema={"item": pl.String, "number": pl.Int32})
        self._counts: list[pl.DataFrame] = []
        self._categories: list[pl.DataFrame] = []

    def numbers(self, items: pl.Series) -> pl.Series:
        """The number of each item."""
        found = pl.DataFrame({"item": items})
        new = found.unique(maintain_order=True).join(self._known, on="item", how="anti", maintain_order="left")
        begin = self._known.height
        numbered = new.with_columns(number=pl.int_range(begin, begin + new.height, dtype=pl.Int32, eager=True))
        self._known = pl.concat([self._known, numbered])
        return found.join(self._known, on="item", how="left", maintain_order="left")["number"]

    def count(self, counts: pl.DataFrame, categories: pl.DataFrame) -> None:
        """Take number, customers, baskets of a share; and item, category, lines."""
        self._counts.append(counts)
        self._categories.append(categories)

    def table(self) -> pl.DataFrame:
        """One row per item by its number: item, number, category (that of most of its lines), customers, baskets."""
        counts = pl.concat(self._counts).group_by("number").agg(pl.col("customers", "baskets").sum())
        lines = pl.concat(self._categories).drop_nulls().group_by("item", "category").agg(pl.col("lines").sum())
        usual = (
            lines.sort("item", -pl.col("lines"), "category")
            .group_by("item", maintain_order=True)
            .agg(pl.first("category"))
        )
        return (
            self._known.join(counts, on="number", how="left")
            .join(usual, on="item", how="left")
            .with_columns(pl.col("customers", "baskets").fill_null(0))
            .sort("number")
        )


def products_of(table: pl.DataFrame, least: int) -> Level:
    """The items that enough customers bought."""
    kept = table.filter(pl.col("customers") >= least).sort("item")
    codes = np.full(table.height, -1, dtype=np.int32)
    codes[kept["number"].to_numpy()] = np.arange(kept.height, dtype=np.int32)
    return Level(of=PRODUCT, names=kept["item"], codes=frozen(codes), customers=kept["customers"])


def categories_of(table: pl.DataFrame) -> Level:
    """All categories, of all items, with their customers still to be counted: an item too rare for itself counts."""
    names = table["category"].drop_nulls().unique().sort()
    places = pl.DataFrame({"category": names}).with_row_index("code").with_columns(pl.col("code").cast(pl.Int32))
    codes = table.join(places, on="category", how="left", maintain_order="left")["code"].fill_null(-1)
    nobody = pl.zeros(names.len(), dtype=pl.Int64, eager=True)
    return Level(of=CATEGORY, names=names, codes=frozen(codes.to_numpy()), customers=nobody)


def pruned(level: Level, customers: Iterable[int], least: int) -> Level:
    """The level with its customers counted, without what fewer than `least` bought."""
    counted = pl.Series("customers", list(customers), dtype=pl.Int64)
    is_kept = (counted >= least).to_numpy()
    places = np.where(is_kept, np.cumsum(is_kept) - 1, -1).astype(np.int32)
    codes = np.where(level.codes >= 0, np.append(places, np.int32(-1))[level.codes], -1).astype(np.int32)
    return Level(of=level.of, names=level.names.filter(is_kept), codes=frozen(codes), customers=counted.filter(is_kept))


def with_tiers(table: pl.DataFrame) -> pl.DataFrame:
    """Add `tier`, 0 to 2: the third of its category's items that an item's price is in, equal prices together.

    Null without a category or a price, and in categories whose items cost the same.
    """
    prices = pl.col("price")
    n = prices.count().over("category")
    below = prices.rank("min").over("category") - 1
    varies = prices.min().over("category") < prices.max().over("category")
    tier = (below * len(TIERS) // n).cast(pl.Int32)
    return table.with_columns(tier=pl.when(pl.col("category").is_not_null() & prices.is_not_null() & varies).then(tier))
