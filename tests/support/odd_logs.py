"""Small order logs as nobody would write them: any names, types, nulls, files and options, all from one seed."""

import random
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from tests.support.odd_columns import STRANGE_ZONES, USUAL, ZONES, column, kinds

DEFAULT = {"customer": "customer_id", "time": "order_ts", "amount": "amount", "order": "order_id"}
NAMES = (
    *[
        "__row",
        "__file",
        "dim:x",
        "dim:city",
        "by",
        "value",
        "day",
        "position",
        "n",
        "margin_y",
        "is_return",
        "refusal",
        "time",
        "amount_found",
        "shop",
    ],
    *[
        "group",
        "select",
        "literal",
        "len",
        "index",
        "count",
        "share",
        "customer_id_right",
        "rfm_segment",
        "clv",
        "Amount",
        "segment",
        "struct",
        "NULL",
    ],
    *[
        "true",
        "*",
        "^a.*$",
        "a;b",
        "a,b",
        "é_ü",
        "名前",
        "A",
        "a",
        "x=1",
        "x.y",
        "1",
        "-",
        "(",
        "{}",
        "it's",
        "customer",
    ],
    *('a "b"', "é ü", " ", " x ", "\n", "x" * 300),
)
CONDITIONS = ("{} IS NOT NULL", "{} > 1", "{} = 'a'", "{} >= '2023-06-01'", "NOT {}", "{}")
CALENDARS = ("UTC", "Asia/Tokyo", "America/New_York")
VALUES = ("a", "north", "1", "2024", "__HIVE_DEFAULT_PARTITION__", "2024-01-01", "1.5", "a%20b", "%", "é", "true")


@dataclass
class OddLog:
    """What was written, and how to ask about it.

    paths : what to name as orders
    options : which columns play which roles
    dimensions : texts for `--by`, each an SQL expression
    n_lines : lines in all files
    amounts : all of them, in file order, where they are plain columns of plain numbers
    """

    paths: list[str]
    options: list[str] = field(default_factory=list)
    dimensions: list[str] = field(default_factory=list)
    n_lines: int = 0
    amounts: list | None = None

    @property
    def revenue(self):
        """The sum of all amounts to the millionth; None where some amount is no number."""
        if self.amounts is None or any(one is None or one != one or abs(one) > 10**7 for one in self.amounts):
            return None
        return sum(round(Fraction(one) * 10**6) for one in self.amounts)


def quoted(name):
    """A column's name as SQL has it."""
    return '"' + name.replace('"', '""') + '"'


def odd_log(folder, chance):
    """Write a log that a `random.Random` draws."""
    draw = _Drawing(chance)
    return draw.written(Path(folder))


class _Drawing:
    def __init__(self, chance: random.Random):
        self.chance = chance
        self.is_clean = chance.random() < 0.6
        self.taken: set[str] = set()

    def maybe(self, share):
        return self.chance.random() < share

    def name(self, usual=None):
        """A name that no other column has."""
        free = [name for name in NAMES if name not in self.taken]
        name = usual if usual and self.maybe(0.7) else self.chance.choice(free)
        self.taken.add(name)
        return name

    def written(self, folder):
        optional = ("order", "flag", self.chance.choice(("margin", "cost")))
        roles = ["customer", "time", "amount", *(role for role in optional if self.maybe(0.2))]
        roles += [f"dimension {i}" for i in range(self.chance.randrange(4))]
        names = {role: self.name(DEFAULT.get(role)) for role in roles}
        wanted = {role: self.kind(role) for role in roles}
        self.zones = {role: self.chance.choice(ZONES if self.maybe(0.85) else STRANGE_ZONES) for role in roles}
        n_files = self.chance.choice((1, 1, 1, 2, 3))
        log = OddLog([], amounts=[])
        places = [self.place(folder, i, n_files) for i in range(n_files)]
        for path in sorted(places):
            self.file(path, names, wanted, log)
        log.paths = self.named(folder, places)
        self.ask(log, names)
        return log

    def kind(self, role, share=0.06):
        """A type that suits the role, or any."""
        family = role.split()[0]
        family = "amount" if family in ("margin", "cost") else family
        if self.maybe(0.5 if family == "dimension" else share):
            return None
        return self.chance.choice(USUAL[family])

    def place(self, folder, i, n_files):
        """Where a file goes: beside the others, or in a directory that says a value of a column."""
        if i == 0:
            self.key = self.name("shop") if self.maybe(0.15) else None
            self.folder = self.chance.choice(("", "", "", "o [1]", "é", "a=b=c"))
        folder = folder / "orders" / self.folder
        if self.key and not set(self.key) & set("=/*\n") and len(self.key) < 200:
            folder = folder / f"{self.key}={self.chance.choice(VALUES)}"
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"p{i}.parquet"

    def named(self, folder, places):
        """The orders as one names them: a directory or the files."""
        if self.maybe(0.4) and not self.maybe(0.3):
            return [str(folder / "orders")]
        return [str(path) for path in places]

    def file(self, path, names, wanted, log):
        """Write one file, which may lack columns, or have them in other types, than the files before."""
        writer = self.chance.choice(("polars", "polars", "arrow"))
        n = self.chance.choice((0, 1, 2, 7, 20, 60)) if self.maybe(0.15) else self.chance.randrange(10, 61)
        made, amounts = {}, None
        for role, name in names.items():
            drifts = path.name != "p0.parquet" and self.maybe(0.03)
            if drifts and self.maybe(0.4):
                continue
            kind = None if drifts else wanted[role]
            if kind not in kinds(writer):
                kind = self.chance.choice([*kinds(writer)])
            zone = self.zones[role]
            zone = None if writer == "polars" and zone in STRANGE_ZONES else zone
            null_share = self.null_share(role)
            is_clean = self.is_clean or self.maybe(0.5)
            given = {"writer": writer, "zone": zone, "null_share": null_share, "is_clean": is_clean}
            found, values = column(self.chance, kind, n, **given)
            made[name] = found
            if role == "amount" and ("float64" in kind or "decimal" in kind or "int" in kind) and "codes" not in kind:
                amounts = values
        if self.maybe(0.1):
            self.extra(made, n, writer)
        log.n_lines += n if made else 0
        log.amounts = None if amounts is None or log.amounts is None else log.amounts + amounts
        self.write(path, made, writer)

    def extra(self, made, n, writer):
        kind = self.chance.choice([*kinds(writer)])
        name = self.chance.choice(NAMES)
        if name not in self.taken:
            made[name] = column(self.chance, kind, n, writer=writer, null_share=0.5)[0]

    def null_share(self, role):
        if self.maybe(0.8 if role in DEFAULT else 0.4):
            return 0.0
        return self.chance.choice((0.02, 0.3, 0.3, 1.0 if self.maybe(0.2) or role not in DEFAULT else 0.5))

    def write(self, path, made, writer):
        if writer == "polars":
            table = pl.DataFrame(made)
            table.write_parquet(path, row_group_size=self.chance.choice((None, 7)))
            return
        options = {
            "store_schema": not self.maybe(0.2),
            "write_page_checksum": self.maybe(0.3),
            "use_dictionary": self.maybe(0.7),
            "row_group_size": self.chance.choice((7, 1000)),
            "version": self.chance.choice(("1.0", "2.4", "2.6")),
            "data_page_version": self.chance.choice(("1.0", "2.0")),
            "compression": self.chance.choice(("snappy", "zstd", "none", "gzip")),
        }
        table = pa.table(made)
        try:
            pq.write_table(table, path, use_deprecated_int96_timestamps=self.maybe(0.3), **options)
        except pa.ArrowInvalid:  # nanoseconds that the older versions would cut off
            pq.write_table(table, path, **options | {"version": "2.6"})

    def ask(self, log, names):
        """The options that give the roles, and some that narrow or vary the question."""
        for role, name in names.items():
            if role.startswith("dimension"):
                log.dimensions.append(quoted(name))
            elif name != DEFAULT.get(role):
                option = "--return-flag" if role == "flag" else f"--{role}"
                log.options += [option, name if self.maybe(0.5) else quoted(name)]
                log.amounts = None if role == "flag" else log.amounts
        if self.key and not self.key.isspace() and self.maybe(0.7):
            log.dimensions.append(quoted(self.key))
        log.options += [*self.more(names), *self.narrower(names)]

    def more(self, names):
        options = ["--missing", "null"] if self.maybe(0.5) else []
        options += ["--timezone", self.chance.choice(CALENDARS)] if self.maybe(0.25) else []
        return options

    def narrower(self, names):
        drawn = []
        if self.maybe(0.12):
            name = quoted(self.chance.choice([*names.values()]))
            drawn += ["--where", self.chance.choice(CONDITIONS).format(name)]
        if self.maybe(0.08):
            drawn += ["--nobody", self.chance.choice(("1", "a,b", "guest", "NULL,0,-1", '"a,b"'))]
        if self.maybe(0.05):
            drawn += ["--as-of", self.chance.choice(("2023-09-01", "2024-12-31", "1970-01-01", "9999-12-31"))]
        if self.maybe(0.05):
            drawn += ["--since", self.chance.choice(("2023-04-01", "1960-01-01", "2030-01-01"))]
        return drawn
