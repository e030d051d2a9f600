"""Values out of nested columns, as exports of web analytics have them: lists of entries with fields."""

from dataclasses import dataclass

import polars as pl

from whalecurve.engine.mapping import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Nested:
    """A place in a nested column: a field of it or of its first entry, or the value of a key among its entries."""

    column: str
    field: str | None = None
    key: str | None = None

    def __str__(self) -> str:
        return f"{self.column}.{self.field}" if self.key is None else f"{self.column}[{self.key}]"

    def role(self, dtype: pl.DataType, *, is_number: bool) -> Role | None:
        """What stands there in a column of this type; None where the type has no such place.

        Of a value that has a field for each type, as those of GA4 do, it is the first that is filled: of all, as text,
        or of those that are numbers.
        """
        expr = self._by_key(dtype, is_number=is_number) if self.key is not None else self._by_field(dtype)
        if expr is None:
            return None
        found = pl.LazyFrame(schema={self.column: dtype}).select(value=expr).collect_schema()["value"]
        return Role(mapping=str(self), expr=expr, dtype=found)

    def _by_field(self, dtype: pl.DataType) -> pl.Expr | None:
        column = pl.col(self.column)
        if self.field not in _fields(dtype):
            return None
        entry = column.list.first() if isinstance(dtype, pl.List) else column
        return entry.struct.field(str(self.field))

    def _by_key(self, dtype: pl.DataType, *, is_number: bool) -> pl.Expr | None:
        fields = _fields(dtype)
        if not isinstance(dtype, pl.List) or not {"key", "value"} <= fields.keys():
            return None
        is_asked = pl.element().struct.field("key") == self.key
        value = pl.col(self.column).list.filter(is_asked).list.first().struct.field("value")
        kinds = _fields(fields["value"])
        if not kinds:
            return value
        if is_number:
            numbers = [name for name, kind in kinds.items() if kind.is_numeric()]
            return pl.coalesce(value.struct.field(name).cast(pl.Float64) for name in numbers) if numbers else None
        return pl.coalesce(value.struct.field(name).cast(pl.String) for name in kinds)


def _fields(dtype: pl.DataType) -> dict[str, pl.DataType]:
    """The fields of a struct, or of the entries of a list of structs; none of anything else."""
    inner = dtype.inner if isinstance(dtype, pl.List) else dtype
    if not isinstance(inner, pl.Struct):
        return {}
    return {one.name: one.dtype if isinstance(one.dtype, pl.DataType) else one.dtype() for one in inner.fields}
