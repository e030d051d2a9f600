"""A file beside the orders, whose rows are of customers: opened, and read row by row in known columns."""

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import polars as pl

from whalecurve.engine.errors import ColumnTypeError, InputError, reason, setting
from whalecurve.engine.mapping import Role, normal_form, parsed_column, role_of, roots
from whalecurve.engine.order_files import (
    UNREADABLE,
    OrderFile,
    Paths,
    column_names,
    common_types,
    find_files,
    named,
    scan_alike,
    typed_for,
)
from whalecurve.engine.side_inputs.columns import SideRole, value_of, written_for
from whalecurve.engine.side_inputs.nested import Nested
from whalecurve.engine.side_inputs.preset import SidePreset, preset_of

REFUSED = "refused"
"""The column of rows that says why one is not used; null where it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SideInput:
    """A file whose rows are of customers, or several files that make one.

    place : what messages call it
    asked : the roles that its columns may have; roles : those that are filled, by name
    inputs : the columns that are read, in types that all files can be read in
    preset : the tool's file that it is read as; of_preset : the roles that are filled by it
    """

    place: str
    files: list[OrderFile]
    asked: tuple[SideRole, ...]
    roles: dict[str, Role]
    inputs: dict[str, pl.DataType]
    preset: SidePreset | None = None
    of_preset: frozenset[str] = frozenset()

    @property
    def is_text(self) -> bool:
        """Whether ids are text for being cells of a text file, whatever they are in the orders."""
        return all(file.layout is not None for file in self.files)

    @property
    def described(self) -> list[dict[str, Any]]:
        """Path, rows and bytes of each file, as a record says them."""
        return [{"path": file.path, "rows": file.n_rows, "bytes": file.n_bytes} | file.origin for file in self.files]

    @property
    def columns(self) -> dict[str, str]:
        """What was read for each role, as a record says it."""
        return {name: filled.mapping for name, filled in self.roles.items()}

    def rows(
        self, ids: pl.DataType, *, timezone: str | None = None, normalise_ids: Collection[str] = ()
    ) -> pl.LazyFrame:
        """Every row of the files, in no particular order: a column a role, and `refused`.

        Parameters
        ----------
        ids
            The type of the customers' ids in the orders or the result.
        timezone
            The zone that times are told in; None: that of the column, or as they stand.
        normalise_ids
            What was done to the ids of the orders.

        Returns
        -------
        polars.LazyFrame
            customer_id in that type; text as String, times as naive Datetime, numbers as Float64 (null where they are
            not finite), money as Int64 (fixed-point units), flags as Boolean; roles that are not filled are not there;
            refused (String): why a row is not used, null where it is.

        Raises
        ------
        InputError
            Ids of another type, or a column whose type cannot serve.
        """
        selected = scan_alike(self.files, self.inputs).select(
            filled.expr.alias(name) for name, filled in self.roles.items()
        )
        columns = []
        for role in self.asked:
            if role.name not in self.roles:
                continue
            value = (
                self._id(role, ids, normalise_ids)
                if role.kind == "customer"
                else value_of(
                    role, self.roles[role.name], timezone, self.place, zone=self._zone(role), words=self._words(role)
                )
            )
            columns.append(value.alias(role.name))
        return selected.select(columns).with_columns(self._refusal().alias(REFUSED))

    def _zone(self, role: SideRole) -> str | None:
        return self.preset.zone if self.preset is not None and role.name in self.of_preset else None

    def _words(self, role: SideRole) -> Mapping[str, str]:
        if self.preset is None or role.name not in self.of_preset:
            return {}
        return self.preset.words.get(role.name, {})

    @contextmanager
    def read(self) -> Iterator[None]:
        """Turn the failure of a query over the rows into InputError, one line that names the file."""
        try:
            yield
        except UNREADABLE as error:
            raise InputError(f"{self.place}: cannot be read ({reason(error)}); write the file again") from error

    def _id(self, role: SideRole, ids: pl.DataType, steps: Collection[str]) -> pl.Expr:
        own = self.roles[role.name].dtype
        if own != ids and not ((own.is_integer() or self.is_text) and ids.is_integer()):
            raise ColumnTypeError(
                role=role.setting,
                mapping=self.roles[role.name].mapping,
                found=str(own),
                expected=f"{ids} as in the orders",
                advice="write both with one type",
                where=self.place,
            )
        column = pl.col(role.name)
        if ids == pl.String():
            text = normal_form(column, steps) if steps else column
            return pl.when(text.str.strip_chars() != "").then(text)
        return column.cast(ids, strict=False)

    def _refusal(self) -> pl.Expr:
        told = pl.lit(None, dtype=pl.String)
        for role in reversed(self.asked):
            if role.is_required and role.name in self.roles:
                told = (
                    pl.when(pl.col(role.name).is_null())
                    .then(pl.lit(WITHOUT[role.kind].format(name=role.name)))
                    .otherwise(told)
                )
        return told


WITHOUT = {
    "customer": "without a customer",
    "text": "without {name}",
    "time": "without a time that can be read",
    "number": "without a finite {name}",
    "money": "without a usable {name}",
    "flag": "without {name}",
}


def open_side_input(
    paths: Paths,
    asked: Sequence[SideRole],
    given: Mapping[str, str | None],
    timezone: str | None = None,
    *,
    of: str | None = None,
    preset: str | None = None,
) -> SideInput:
    """Open a file, and match its columns with the roles. No row is read, but a sample of text.

    Parameters
    ----------
    paths
        A file, or several as a directory, glob or URL; or a frame.
    asked
        The roles that its columns may have.
    given
        By name of a role: the column, or an SQL expression over columns; None: by the usual names.
    timezone
        The zone whose days count, where zoned times of several zones meet.
    of
        Which side input it is, as "events": files of tools that are known are looked for among those of it; None:
        there are none.
    preset
        The name of the tool's file that it is, by the setting `{of}_preset`; None: what its columns tell; "": none.

    Raises
    ------
    InputError
        A file that cannot be read, columns that it does not have, types that have nothing in common, or no such preset.
    """
    files = find_files(paths)
    place = os.fspath(paths) if isinstance(paths, str | os.PathLike) else named(files)
    available = column_names(files)
    known = None if of is None else preset_of(of, preset, available)
    written = written_for(asked, given, available, place, known)
    settings = {role.name: role.setting for role in asked}
    exprs = {
        name: pl.col(text.column) if isinstance(text, Nested) else parsed_column(settings[name], text, available, place)
        for name, text in written.items()
    }
    _refuse_unreadable(files, exprs, settings, place)
    files = _suited(files, asked, exprs)
    inputs = common_types(roots(list(exprs.values())), files, timezone)
    filled = {
        role.name: _filled(role, written[role.name], exprs, inputs, place) for role in asked if role.name in exprs
    }
    return SideInput(
        place=place,
        files=files,
        asked=tuple(asked),
        roles={name: role for name, role in filled.items() if role is not None},
        inputs=inputs,
        preset=known,
        of_preset=frozenset(
            name
            for name in written
            if known is not None and given.get(name) is None and known.written_for(name, available) is not None
        ),
    )


def _filled(
    role: SideRole,
    written: str | Nested,
    exprs: Mapping[str, pl.Expr],
    inputs: dict[str, pl.DataType],
    place: str,
) -> Role | None:
    """What plays a role; None of an optional one whose place in a nested column is not there."""
    if isinstance(written, str):
        expr = exprs[role.name]
        return role_of(role.setting, written, expr, inputs, place, may_be_constant=role.may_be_constant)
    found = written.role(inputs[written.column], is_number=role.kind in ("number", "money"))
    if found is None and role.is_required:
        raise InputError(
            f'{place}: column "{written.column}" is {inputs[written.column]}, which has no {written}; name another '
            f"with {setting(role.setting)}"
        )
    return found


def _refuse_unreadable(
    files: list[OrderFile], exprs: Mapping[str, pl.Expr], settings: Mapping[str, str], place: str
) -> None:
    for name, expr in exprs.items():
        for file in files:
            for column in expr.meta.root_names():
                if column in file.unreadable:
                    raise InputError(
                        f'{place}: column "{column}" for {setting(settings[name])} is {file.unreadable[column]}, which '
                        f"cannot be read; write it as another type"
                    )


def _suited(files: list[OrderFile], asked: Sequence[SideRole], exprs: Mapping[str, pl.Expr]) -> list[OrderFile]:
    """The files with text read as the roles want it; a column in an expression keeps the type that it looks like."""
    alone = {name: expr.meta.root_names()[0] for name, expr in exprs.items() if expr.meta.is_column()}
    kinds = {role.name: role.kind for role in asked}

    def of(*wanted: str) -> set[str]:
        return {column for name, column in alone.items() if kinds[name] in wanted}

    return typed_for(files, ids=of("customer", "text"), numbers=of("number", "money"), parts=(), times=of("time"))
