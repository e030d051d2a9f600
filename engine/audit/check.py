"""What is in an order log, and what of it could be used: the answer before the work."""

from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from whalecurve.engine.audit.alike_ids import alike_ids
from whalecurve.engine.audit.audit import Audit, audit_orders
from whalecurve.engine.audit.copies import EqualLines, equal_lines
from whalecurve.engine.audit.currencies import Currencies, several_currencies
from whalecurve.engine.audit.order_totals import order_amounts, order_totals
from whalecurve.engine.audit.placeholders import CustomerLines
from whalecurve.engine.audit.rhythm import purchase_days, rhythm_notes
from whalecurve.engine.audit.unsold_orders import refunds_left_in, states_left_in
from whalecurve.engine.money import UNITS
from whalecurve.engine.notebook import Displayed
from whalecurve.engine.order_files import OrderFile, Paths
from whalecurve.engine.orders import Orders, failures_named, observed_lines, scan_orders
from whalecurve.engine.settings import Columns, Given, Window, taken


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Check(Displayed):
    """An order log at a glance.

    columns : of any file, with its type, or types
    roles : what plays each role, with its type
    amount, margin : net sums of the usable lines in currency; margin None where it is not mapped
    copies : groups of files with the same content
    equal : lines that are equal to another one
    currencies : columns that name more than one currency
    notes : what a reader should be told of customers, orders, copies, currencies, states and gaps, a sentence each
    """

    n_files: int
    n_bytes: int | None
    columns: dict[str, str]
    roles: dict[str, tuple[str, str]]
    audit: Audit
    n_customers: int
    amount: float
    margin: float | None
    copies: tuple[tuple[str, ...], ...]
    equal: EqualLines
    currencies: tuple[Currencies, ...]
    notes: tuple[str, ...]

    @property
    def warnings(self) -> tuple[str, ...]:
        """All that a reader should be told: what the audit warns of, and the notes."""
        return (*self.audit.warnings, *self.notes)

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        audit = self.audit
        return {
            "files": self.n_files,
            "bytes": self.n_bytes,
            "columns": self.columns,
            "roles": {role: {"mapping": mapping, "type": dtype} for role, (mapping, dtype) in self.roles.items()},
            "rows": audit.rows,
            "return_lines": audit.n_return_lines,
            "lines": audit.kinds,
            "customers": self.n_customers,
            "first_day": audit.first_day.isoformat(),
            "last_day": audit.last_day.isoformat(),
            "as_of": audit.as_of.isoformat(),
            "amount": self.amount,
            "margin": self.margin,
            "copies": [list(paths) for paths in self.copies],
            "equal_lines": asdict(self.equal) | {"columns": list(self.equal.columns), "share": self.equal.share},
            "currencies": {named.column: named.lines for named in self.currencies},
            "warnings": list(self.warnings),
        }

    def facts(self) -> dict[str, object]:
        """Lines, customers, days and what looks wrong."""
        return {
            "files": self.n_files,
            "lines": self.audit.n_read,
            "used": self.audit.n_used,
            "refused": sum(self.audit.refused.values()),
            "customers": self.n_customers,
            "first day": self.audit.first_day,
            "last day": self.audit.last_day,
            "amount": self.amount,
            "margin": self.margin,
            "notes": len(self.warnings),
        }


def check_orders(orders: Paths, columns: Columns | Given | None = None, window: Window | Given | None = None) -> Check:
    """Read an order log and say what is in it, what would be refused and why, and what looks wrong.

    Parameters
    ----------
    orders
        Files (Parquet, Arrow, CSV), directories, globs or URLs; or a frame (Polars, pandas, Arrow, DuckDB).
    columns
        Which column, or SQL expression, plays which role: a `Columns`, or a dict of its names. None: columns
        of the usual names.
    window
        The days observed and their time zone: a `Window`, or a dict of its names. None: all days, up to the
        last one in the data.

    Returns
    -------
    Check
        What each role is, lines used and refused, what looks wrong.

    Raises
    ------
    InputError
        Files or a mapping that cannot work, or not a single usable row.

    Examples
    --------
    >>> import whalecurve as wc
    >>> found = wc.check("shop/orders")
    >>> found.audit.n_used == found.audit.n_read
    True
    """
    columns, window = taken(Columns, columns), taken(Window, window) or Window()
    scanned = scan_orders(orders, columns, timezone=window.timezone)
    audit = audit_orders(scanned, window)
    sums, customers, days, *amounts = _tables(scanned, audit)
    totals, whose = sums.row(0, named=True), CustomerLines()
    whose.add(customers["customer_id"], customers["n"])
    equal, currencies = equal_lines(scanned, audit.n_read), several_currencies(scanned)
    n_copied = sum(file.n_rows or 0 for group in audit.copies for file in group[1:])  # the audit has told of them
    sizes = [file.n_bytes for file in scanned.files]
    return Check(
        n_files=len(scanned.files),
        n_bytes=sum(size or 0 for size in sizes) if None not in sizes else None,
        columns=_types_found(scanned.files),
        roles={role: (filled.mapping, str(filled.dtype)) for role, filled in scanned.mapping.roles.items()},
        audit=audit,
        n_customers=customers.height,
        amount=int(totals["amount"]) / UNITS,
        margin=int(totals["margin"]) / UNITS if scanned.has_margin else None,
        copies=tuple(tuple(file.path for file in group) for group in audit.copies),
        equal=equal,
        currencies=tuple(currencies),
        notes=(
            *whose.notes(),
            *alike_ids(customers["customer_id"]),
            *(note for table in amounts for note in order_totals(table, scanned, equal)),
            *([] if equal.n_equal <= n_copied or scanned.mapping.order_total else equal.notes()),
            *(named.said() for named in currencies),
            *states_left_in(scanned),
            *refunds_left_in(scanned, columns),
            *rhythm_notes(days, audit),
        ),
    )


def _tables(scanned: Orders, audit: Audit) -> list[pl.DataFrame]:
    """Of the lines used: sums of money, lines by customer, purchase days and, where orders are told apart, amounts."""
    money = ["amount", "margin"] if scanned.has_margin else ["amount"]
    lines = observed_lines(scanned, audit.window)
    queries = [
        lines.select(pl.col(name).cast(pl.Int128).sum() for name in money),
        lines.group_by("customer_id").agg(n=pl.len()),
        purchase_days(lines, audit.n_used),
        *([order_amounts(lines, audit.n_used)] if scanned.has_order_id else []),
    ]
    with failures_named(scanned):
        return pl.collect_all(queries, engine="streaming")


def _types_found(files: list[OrderFile]) -> dict[str, str]:
    types: dict[str, list[str]] = {}
    for file in files:
        for name, dtype in file.schema.items():
            seen = types.setdefault(name, [])
            if str(dtype) not in seen:
                seen.append(str(dtype))
    return {name: " or ".join(seen) for name, seen in types.items()}
