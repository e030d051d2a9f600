"""Which column, or SQL expression over columns, plays which role; checked against the files before anything runs."""

from collections import Counter
from collections.abc import Collection, Sequence
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from whalecurve.engine.attributes import AttributeRows
from whalecurve.engine.errors import ColumnMissingError, ColumnTypeError, InputError, setting
from whalecurve.engine.mapping.attribute_columns import (
    as_dimensions_want,
    attributes_read,
    names_of,
    opened_attributes,
    recorded,
    rows_for,
)
from whalecurve.engine.mapping.fill_down import check_fill_down, filled_down
from whalecurve.engine.mapping.missing_columns import all_missing
from whalecurve.engine.mapping.normalised_ids import normalised, normalised_text
from whalecurve.engine.mapping.order_totals import KeptLines, check_has_order
from whalecurve.engine.mapping.roles import Role, check_types
from whalecurve.engine.mapping.written_columns import parsed_column, role_of, roots
from whalecurve.engine.order_files import OrderFile, column_names, common_types, free_name, named, typed_for
from whalecurve.engine.settings import DEFAULT_NAMES, REQUIRED_ROLES, ROLES, Columns, check_list
from whalecurve.engine.shop_exports import MONEY_ROLES, with_preset

Dimensions = Sequence[str] | MappingOf[str, str]
"""Texts of dimensions; or each with the role that messages are to name, as `first_by`."""

FAULT = "__unreadable"
CONDITIONS = ("where", "keep")
"""Settings that say which lines are taken."""
DIMENSION = "by"  # what messages call the role, after the setting that fills it, unless another is named


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """The roles that are filled, the dimensions by their text, and the file columns they read with the type of each.

    asked_as : the role that messages name, of each dimension
    available : all columns of the files
    missing : what a column is in the lines of a file that lacks it: "error" (refused) or "null"
    nobody : customer ids that stand for nobody, as text
    where : both conditions, where there are any; where_text, keep_text : each as it is written
    normalise_ids : what is done to customer ids of text
    order_total : whether the amount is that of the order, on each of its lines
    fill_down : columns whose empty cells are filled from other lines of the order
    kept : which lines keep the amount of their order; None where amounts are those of lines
    fault : the column of rows that says what of a row cannot be read; None where no file is text
    attributes : the attributes of customers that dimensions and conditions read, from files beside the orders
    filters_by_attributes : whether a condition reads any
    attribute_settings : where attributes come from, as a record says it
    """

    roles: dict[str, Role]
    dimensions: dict[str, Role]
    asked_as: dict[str, str]
    where: pl.Expr | None
    where_text: str | None
    keep_text: str | None
    inputs: dict[str, pl.DataType]
    available: frozenset[str]
    missing: str
    nobody: tuple[str, ...] = ()
    normalise_ids: tuple[str, ...] = ()
    order_total: bool = False
    fill_down: tuple[str, ...] = ()
    kept: KeptLines | None = None
    fault: str | None = None
    attributes: tuple[AttributeRows, ...] = ()
    filters_by_attributes: bool = False
    attribute_settings: dict[str, Any] = field(default_factory=dict)

    def free_name(self, name: str) -> str:
        """The name, lengthened until no column of the files has it."""
        return free_name(name, self.available)

    @property
    def attribute_names(self) -> frozenset[str]:
        """The attributes that are read."""
        return frozenset(name for part in self.attributes for name in part.types)

    @property
    def further(self) -> dict[str, Any]:
        """Settings that few logs need, of those that are used, as a record says them."""
        lists = {"fill_down": self.fill_down, "normalise_ids": self.normalise_ids}
        keep: dict[str, Any] = {"keep": self.keep_text} if self.keep_text else {}
        keep |= {"order_total": True} if self.order_total else {}
        return keep | {name: list(given) for name, given in lists.items() if given}

    def columns_of(self, role: str) -> list[str]:
        """The columns that a role is worked out from; none where it is not filled."""
        return self.roles[role].expr.meta.root_names() if role in self.roles else []

    def filled(self, rows: pl.LazyFrame) -> pl.LazyFrame:
        """The rows of one file, with the columns filled that only one line of an order has."""
        columns = {name: self.inputs[name] for name in self.fill_down if name in self.inputs}
        return filled_down(rows, columns, self.roles["order"].expr) if columns else rows

    def selected(self, rows: pl.LazyFrame) -> pl.LazyFrame:
        """Those of the rows that `where` selects, and those of which it cannot be told as a cell cannot be read."""
        if self.where is None or self.fault is None:
            return rows if self.where is None else rows.filter(self.where)
        return rows.filter(pl.coalesce(self.where, pl.col(self.fault).is_not_null()))


def resolve(
    columns: Columns, files: list[OrderFile], dimensions: Dimensions = (), timezone: str | None = None
) -> Mapping:
    """Match roles and dimensions with the columns of the files.

    Raises
    ------
    InputError
        A column that no file, or not every file, has; a type that cannot serve; an invalid SQL expression; a
        dimension that is given twice; several time zones, or an unknown one, without `timezone`.
    """
    columns = with_preset(columns, files)
    available = column_names(files)
    where_files = named(files)
    written = _written(columns, available)
    attributes = opened_attributes(columns, written.get("customer", ""), available)
    asked = dimensions if isinstance(dimensions, MappingOf) else dict.fromkeys(each_once(dimensions), DIMENSION)
    conditions = [(name, text) for name in CONDITIONS if (text := getattr(columns, name))]
    texts = [*written.items(), *conditions, *((role, text) for text, role in asked.items())]
    parsed = _all_parsed(texts, files, names_of(attributes))
    exprs = dict(zip(written, parsed, strict=False))
    told = parsed[len(written) : len(written) + len(conditions)]
    by = dict(zip(asked, parsed[len(written) + len(conditions) :], strict=True))
    readers = [*exprs.items(), *((name, expr) for (name, _), expr in zip(conditions, told, strict=True))]
    dimension_readers = [(asked[text], expr) for text, expr in by.items()]
    readers += dimension_readers
    beside = attributes_read(attributes, readers, available, where_files) if attributes else set()
    _refuse_gaps(readers, files, columns.missing, beside)
    _refuse_unreadable(readers, files)
    files = _suited(files, {**exprs, **by}, readers)
    inputs = common_types([n for n in roots([expr for _, expr in readers]) if n not in beside], files, timezone)
    if columns.order_total:
        check_has_order(has_order="order" in written)
    check_fill_down(columns.fill_down, files, has_order="order" in written)
    roles = {role: role_of(role, written[role], expr, inputs, where_files) for role, expr in exprs.items()}
    check_types(roles, files)
    if columns.normalise_ids:
        roles["customer"] = normalised(roles["customer"], columns.normalise_ids, where_files)
    if beside:
        attributes = as_dimensions_want(attributes, dimension_readers, readers)
    joined = rows_for(attributes, beside, roles["customer"], columns.normalise_ids)
    types = inputs | {name: dtype for part in joined for name, dtype in part.types.items()}
    met = [_condition(*condition, expr, types, where_files) for condition, expr in zip(conditions, told, strict=True)]
    return Mapping(
        roles=roles,
        dimensions={text: _dimension(asked[text], text, expr, types, where_files) for text, expr in by.items()},
        asked_as=dict(asked),
        where=pl.all_horizontal(met) if len(met) > 1 else next(iter(met), None),
        where_text=columns.where or None,
        keep_text=columns.keep or None,
        inputs=inputs,
        available=frozenset(available),
        missing=columns.missing,
        nobody=tuple(sorted({normalised_text(str(one), columns.normalise_ids) for one in columns.nobody})),
        normalise_ids=columns.normalise_ids,
        order_total=columns.order_total,
        fill_down=columns.fill_down,
        fault=free_name(FAULT, available) if any(file.layout is not None for file in files) else None,
        attributes=joined,
        filters_by_attributes=not beside.isdisjoint(roots(told)),
        attribute_settings=recorded(columns),
    )


def _suited(files: list[OrderFile], exprs: dict[str, pl.Expr], readers: list[tuple[str, pl.Expr]]) -> list[OrderFile]:
    """The files with text read as the roles and dimensions want it: ids and dimensions as text, money as numbers.

    A dimension that is read for anything else too keeps the type that its cells look like.
    """
    uses = Counter(name for _, expr in readers for name in dict.fromkeys(expr.meta.root_names()))
    alone = {key: expr.meta.root_names()[0] for key, expr in exprs.items() if expr.meta.is_column()}
    ids = {name for key, name in alone.items() if key in ("customer", "order")}
    dimensions = {name for key, name in alone.items() if key not in ROLES and uses[name] == 1}
    money = {name for key, name in alone.items() if key in MONEY_ROLES}
    parts = {name for role, expr in readers if role in MONEY_ROLES for name in expr.meta.root_names()}
    times = {name for key, name in alone.items() if key == "time"}
    return typed_for(files, ids=ids | dimensions, numbers=money, parts=parts, times=times)


def _written(columns: Columns, available: list[str]) -> dict[str, str]:
    """The mapping text of every filled role: as given, else the usual name (an optional one where files have it)."""
    written = {}
    for role in ROLES:
        given: str | None = getattr(columns, role)
        usual = DEFAULT_NAMES.get(role)
        if given:
            written[role] = given
        elif given is None and usual is not None and (usual in available or role in REQUIRED_ROLES):
            written[role] = usual
    if columns.margin is None and columns.cost:
        written.pop("margin", None)
    if "margin" in written and not columns.cost:
        written.pop("cost", None)
    return written


def _all_parsed(asked: list[tuple[str, str]], files: list[OrderFile], beside: list[str]) -> list[pl.Expr]:
    """The expression of each role's text; one error for all that name a column which is not there.

    Dimensions and conditions may read columns that lie `beside` the orders, roles may not.
    """
    available = column_names(files)
    of_all = [*available, *(name for name in beside if name not in available)]
    parsed: list[pl.Expr] = []
    missing: list[ColumnMissingError] = []
    for role, text in asked:
        try:
            parsed.append(parsed_column(role, text, available if role in ROLES else of_all, named(files)))
        except ColumnMissingError as error:
            missing.append(error)
    if missing:
        present = {role: text for role, text in asked if text in available}
        raise all_missing(missing, files, {name for expr in parsed for name in roots([expr])}, present)
    return parsed


def _refuse_gaps(
    readers: list[tuple[str, pl.Expr]], files: list[OrderFile], missing: str, beside: Collection[str]
) -> None:
    """A file with rows may lack the order id, which has a meaning when it is null; more if `missing` is "null".

    Columns that lie `beside` the orders are in none of the files.
    """
    reads = [
        (role, [name for name in expr.meta.root_names() if name not in beside])
        for role, expr in readers
        if role != "order"
    ]
    for file in files:
        for role, names in reads:
            gaps = [name for name in names if name not in file.schema]
            may_lack = role not in (*REQUIRED_ROLES, *CONDITIONS)
            if gaps and file.n_rows != 0 and not (may_lack and missing == "null"):
                having = sum(gaps[0] in other.schema for other in files)
                offer = f"take it for null there with {setting('missing', 'null')}, " if may_lack else ""
                raise InputError(
                    f'{file.path}: no column "{gaps[0]}" for {setting(role)}, which {having} of {len(files)} '
                    f"files have; add it there, {offer}or {_without(role)}"
                )


def _refuse_unreadable(readers: list[tuple[str, pl.Expr]], files: list[OrderFile]) -> None:
    for file in files:
        for role, expr in readers:
            for name in expr.meta.root_names():
                if name in file.unreadable:
                    raise InputError(
                        f'{file.path}: column "{name}" for {setting(role)} is {file.unreadable[name]}, which cannot be '
                        f"read; write it as another type, or {_without(role)}"
                    )


def _without(role: str) -> str:
    if role in REQUIRED_ROLES:
        return f"map another with {setting(role, 'NAME')}"
    return f"do without, by {setting(role, '')}" if role in ROLES else f"leave {setting(role)} out"


def each_once(dimensions: Sequence[str], role: str = DIMENSION) -> Sequence[str]:
    """The dimensions of one setting, refused if one of them is given twice, or one text in place of a list."""
    check_list(role, dimensions)
    twice = next((text for text, n in Counter(dimensions).items() if n > 1), None)
    if twice is not None:
        raise InputError(f'{setting(role)} names "{twice}" twice; name each dimension once')
    return dimensions


def _dimension(role: str, text: str, expr: pl.Expr, types: dict[str, pl.DataType], where: str) -> Role:
    filled = role_of(role, text, expr, types, where)
    if filled.dtype.is_nested() or filled.dtype == pl.Object():
        raise ColumnTypeError(
            role=role,
            mapping=text,
            found=str(filled.dtype),
            expected="one plain value a row",
            advice=f"write an expression of its parts, or name another column with {setting(role, 'NAME')}",
            where=where,
        )
    return filled


def _condition(name: str, text: str, expr: pl.Expr, types: dict[str, pl.DataType], where: str) -> pl.Expr:
    filled = role_of(name, text, expr, types, where)
    if not isinstance(filled.dtype, pl.Boolean):
        raise InputError(
            f'{where}: {setting(name)} "{text}" gives {filled.dtype}, not true or false; '
            f"write a condition, as {setting(name, 'amount > 0')}"
        )
    return filled.expr
