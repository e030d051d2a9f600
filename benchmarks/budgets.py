"""What was promised: one measure of a run over another, or alone, against a bound.

Start-up and whole jobs are compared by CPU seconds of the whole process, which other work on the machine changes
least; what was promised by the clock is compared by the clock.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from benchmarks.rows import JOB, Row

Rows = Mapping[tuple[str, str], Row]
Value = Callable[[Rows], float]

RETAIL = "1,044,847 lines of 5,942 customers, whole process"
SMALL, TINY = "200,000 lines of 10,000 customers, whole process", "20 lines of 3 customers, whole process"
HELP = "whalecurve --help"
ON_SMALL, ON_TINY = "commands on 200,000 lines, whole process", "commands on 20 lines, whole process"
TEN, FIFTY, HUGE = (f"{n} order lines, fresh process" for n in ("1e+07", "5e+07", "5e+08"))
POLARS, DUCKDB_SCRIPT = "Polars, two-level group_by", "one DuckDB script"
SHUFFLED, BY_CUSTOMER, STRINGS = "shuffled lines", "lines by customer", "string ids"
TIGHT, TIGHTEST = "--memory 1GB", "--memory 500MB"


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """A promise, in words and in numbers; `most` and `least` are bounds that are met when reached."""

    work: str
    value: Value
    most: float | None = None
    least: float | None = None
    note: str = ""

    @property
    def bound(self) -> str:
        """In words."""
        words = f"at most {self.most:,g}" if self.most is not None else f"at least {self.least:,g}"
        return words + self.note

    def is_met(self, value: float) -> bool:
        """Whether a measured value keeps the promise."""
        return (self.most is None or value <= self.most) and (self.least is None or value >= self.least)


def _seconds(group: str, name: str, other: str, *, of: str | None = None) -> Value:
    """Seconds by the clock, over another contestant's, of the same group or of `of`."""
    return lambda rows: rows[group, name].seconds / rows[of or group, other].seconds


def _cpu(group: str, name: str, other: str, *, of: str | None = None) -> Value:
    """CPU seconds over another contestant's."""
    return lambda rows: _measured(rows[group, name].cpu_seconds) / _measured(rows[of or group, other].cpu_seconds)


def _peak(group: str, name: str) -> Value:
    """Peak memory in megabytes."""
    return lambda rows: _measured(rows[group, name].peak_mb)


def _peak_over(group: str, name: str, other: str) -> Value:
    return lambda rows: _measured(rows[group, name].peak_mb) / _measured(rows[group, other].peak_mb)


def _measured(value: float | None) -> float:
    if value is None:
        raise KeyError("not measured")
    return value


def _added(rows: Rows) -> float:
    """What the days of customers, segments and measures add to the summary, as a share of it."""
    names = ("summary alone", "summary with the days of customers", "segments and measures")
    plain, logged, more = (rows[FIFTY, name].seconds for name in names)
    return (logged - plain + more) / plain


def _apart(rows: Rows) -> float:
    """How far two small logs are from each other, whichever is the dearer."""
    ratio = _cpu(SMALL, JOB, JOB, of=TINY)(rows)
    return max(ratio, 1.0 / ratio)


def _sort(work: str) -> Budget:
    value = _seconds(f"{work}, 1e+07 customers", JOB, "one numpy.sort")
    return Budget(work=f"{work}, 10 M customers, over one numpy.sort", value=value, most=1.0)


_SCRIPT, _FLOOR, _ARROW = "pandas + lifetimes script", "floor of a numba program", "import polars, pyarrow"
_OUTPUT = "output, 1e+06 customers"

START_UP = (
    Budget(
        work="`score`, 1 M lines of Online Retail, over a pandas + lifetimes script, CPU",
        value=_cpu(RETAIL, JOB, _SCRIPT),
        most=0.7,
    ),
    Budget(work="the same, over the floor of a numba program, CPU", value=_cpu(RETAIL, JOB, _FLOOR), most=2.0),
    Budget(work="`score`, 200,000 lines and 20 lines, the dearer over the cheaper, CPU", value=_apart, most=1.1),
    Budget(
        work="engine and one `customer_summary` over `import polars`, CPU",
        value=_cpu(ON_TINY, "engine, one customer_summary", "import polars"),
        most=1.5,
    ),
    *(
        Budget(
            work=f"`{name}`, 200,000 lines, over `import polars, pyarrow`, CPU",
            value=_cpu(ON_SMALL, name, _ARROW),
            most=1.3,
        )
        for name in ("check", "compare")
    ),
    Budget(work="`score`, 20 lines, peak memory, MB", value=_peak(TINY, JOB), most=300.0),
    Budget(work="`whalecurve --help`, seconds", value=lambda rows: rows[HELP, JOB].seconds, most=0.25),
)

WHOLE_JOB = (
    Budget(work="whole job, 10 M lines, over Polars' two-level group_by, CPU", value=_cpu(TEN, JOB, POLARS), most=1.3),
    Budget(work="whole job, 50 M lines, over the same, CPU", value=_cpu(FIFTY, JOB, POLARS), most=1.0),
    Budget(work="the same, by the clock", value=_seconds(FIFTY, JOB, POLARS), most=1.0),
    Budget(work="the same, over one DuckDB script, CPU", value=_cpu(FIFTY, JOB, DUCKDB_SCRIPT), most=0.45),
    Budget(
        work="the same, over the decode of its columns, by the clock",
        value=_seconds(FIFTY, JOB, "decode of the columns"),
        most=5.0,
    ),
    Budget(work="the same, peak memory, MB", value=_peak(FIFTY, JOB), most=800.0),
    Budget(work="the same, peak memory of Polars' group_by over ours", value=_peak_over(FIFTY, POLARS, JOB), least=5.0),
    *(
        Budget(
            work=f"{name} over lines in time order, {size} lines, CPU",
            value=_cpu(group, name, JOB),
            most=1.15,
        )
        for name in (SHUFFLED, BY_CUSTOMER)
        for size, group in (("10 M", TEN), ("50 M", FIFTY))
    ),
    Budget(
        work="shuffled over lines in time order, 50 M lines, peak memory",
        value=_peak_over(FIFTY, SHUFFLED, JOB),
        most=1.05,
    ),
    Budget(work="string ids over integer ids, 50 M lines, CPU", value=_cpu(FIFTY, STRINGS, JOB), most=1.25),
    Budget(work="the same, peak memory, MB", value=_peak(FIFTY, STRINGS), most=1200.0),
    Budget(work="`--memory 500MB`, 50 M lines, peak memory, MB", value=_peak(FIFTY, TIGHTEST), most=500.0),
    Budget(work="the same, over the run without, CPU", value=_cpu(FIFTY, TIGHTEST, JOB), most=1.3),
    Budget(work="`--memory 1GB`, peak memory, MB", value=_peak(FIFTY, TIGHT), most=1074.0, note=" (1 GiB)"),
    Budget(work="the same, over the run without, by the clock", value=_seconds(FIFTY, TIGHT, JOB), most=1.5),
    Budget(work="segments and measures over time, 50 M lines, over the summary alone", value=_added, most=0.5),
    Budget(work="500 M lines over 50 M lines", value=_seconds(HUGE, JOB, JOB, of=FIFTY), most=10.5),
    Budget(
        work="500 M lines under `--memory 4GB`, peak memory, MB",
        value=_peak(HUGE, "--memory 4GB"),
        most=4295.0,
        note=" (4 GiB)",
    ),
    Budget(
        work="writing 1 M customers, over Polars' `sink_parquet`, CPU",
        value=_cpu(_OUTPUT, JOB, "Polars, one file"),
        most=1.2,
    ),
)

MODELS = (
    Budget(
        work="BG/NBD fit, 1 M customers, lifetimes over whalecurve",
        value=_seconds("BG/NBD fit, 1e+06 customers", "lifetimes", JOB),
        least=50.0,
    ),
    Budget(
        work="12-month CLV, 1 M customers, lifetimes over whalecurve",
        value=_seconds("12-month CLV, 1e+06 customers", "lifetimes", JOB),
        least=100.0,
    ),
    *(_sort(work) for work in ("RFM scores", "ranks and shares on the whale curve", "Gini and top shares")),
)

BUDGETS = (*START_UP, *WHOLE_JOB, *MODELS)
