"""Make a report of a result: everything that is in it, as one page to be read."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from whalecurve.engine.errors import InputError, setting
from whalecurve.engine.publication import check_file, check_place, publish_file, published
from whalecurve.engine.reporting.blocks import Section
from whalecurve.engine.reporting.facts import Facts, gather
from whalecurve.engine.reporting.language import Language, gettext, written_in
from whalecurve.engine.reporting.locales import language_of
from whalecurve.engine.reporting.page import page, standalone
from whalecurve.engine.reporting.pictures import KINDS, Kind, Picture, check_kind
from whalecurve.engine.reporting.results import Report
from whalecurve.engine.reporting.sections import sections_of
from whalecurve.engine.reporting.words import customers, day
from whalecurve.engine.stages import OnStage, Stages


def report(
    scores: str | Path,
    *,
    out: str | Path | None = None,
    compare: str | Path | None = None,
    allow: Collection[str] = (),
    beside: Collection[str | Path] = (),
    figures: str | Path | None = None,
    figures_as: Kind = "svg",
    title: str | None = None,
    with_ids: bool = False,
    locale: str | None = None,
    currency: str | None = None,
    overwrite: bool = False,
    on_stage: OnStage | None = None,
) -> Report:
    """Make a report of what `score` wrote. Only totals go in: no report names a customer unless it is asked to.

    Parameters
    ----------
    scores
        Directory that `score` wrote.
    out
        HTML file to write, whole or not at all; None to write nothing.
    compare
        An earlier result: the report says who moved between segments since.
    allow
        Names of definitions that may differ between the two.
    beside
        Directories that `validate`, `concentration`, `explain`, `profile`, `experiment read`, `acquisition`, `whatif`
        and `budget` wrote: each adds a section.
    figures
        Directory to write the charts to; it holds nothing yet, or figures of an earlier report.
    figures_as
        What they are written as: "svg", or "png", which needs the extra of that name.
    title
        Of the page; None: what it is and of which day.
    with_ids
        Whether the customers to begin with are named, in a section of their own.
    locale
        How numbers, amounts and dates are written, as "de_DE" or "en-GB"; and the language of the texts where there is
        a translation ("ru"), else English. None: English, dates as 2026-11-28. Needs the extra of that name.
    currency
        What amounts are in, by its code of three letters: they are written with its sign. Needs the same extra.
    overwrite
        Whether `out` and `figures` may be replaced.
    on_stage
        Called with the name of each stage as it begins.

    Returns
    -------
    Report
        The page, its charts one by one, and where they were written.

    Raises
    ------
    InputError
        A directory that is no such result, results that cannot be compared, a place that cannot be written, a locale
        or a currency that there is not.

    Examples
    --------
    >>> import whalecurve as wc
    >>> made = wc.report("scores", out="report.html", locale="de_DE", currency="EUR")
    >>> made.sections[1]
    'The whale curve of margin'
    """
    stages = Stages(on_stage)
    target, pictures = (None if path is None else Path(path) for path in (out, figures))
    with stages.stage("open"):
        check_kind(figures_as)
        language = language_of(locale, currency)
        if target is not None:
            check_file(target, "out", overwrite=overwrite, results=[scores, compare, *beside])
        if pictures is not None:
            _check_figures(pictures, overwrite=overwrite, results=[scores, compare, *beside])
    with stages.stage("read"):
        facts = gather(scores, compare, allow, beside, with_ids=with_ids)
    with stages.stage("draw"):
        made = _made(facts, title, target, pictures, language)
    with stages.stage("write"), _charts_at(pictures, made.charts, figures_as):  # in place only once the page is
        if target is not None:
            publish_file(target, made.html, "out")
    return made


@contextmanager
def _charts_at(directory: Path | None, charts: dict[str, str], kind: Kind) -> Iterator[None]:
    """Charts as files of a directory, if there is to be one, that takes its place when the block ends well."""
    if directory is None:
        yield
        return
    with published(directory, "figures") as staging:
        for name, svg in charts.items():
            (staging / f"{name}.{kind}").write_bytes(Picture(name=name, svg=svg).written(kind))
        yield


def _check_figures(path: Path, *, overwrite: bool, results: Collection[str | Path | None]) -> None:
    """Make sure that the charts can be written to a directory: a new one, or one that holds such charts alone."""
    check_place(path, "figures", results)
    if path.exists() and not path.is_dir():
        raise InputError(f"{setting('figures', path)}: a file; name a directory")
    if path.resolve() == Path.cwd() or path.is_mount():
        raise InputError(f"{setting('figures', path)}: cannot be replaced; name a directory below it")
    files = sorted(path.iterdir()) if path.is_dir() else []
    if files and not overwrite:
        raise InputError(
            f"{setting('figures', path)}: exists; choose another directory, or replace it with "
            f"{setting('overwrite', True)}"
        )
    others = [file.name for file in files if not (file.suffix.removeprefix(".") in KINDS and file.is_file())]
    if others:
        raise InputError(
            f"{setting('figures', path)}: holds files that are not charts of a report ({others[0]}); choose another "
            f"directory"
        )


def _personal(facts: Facts) -> str:
    """What the page says of single customers."""
    if facts.customers is None or facts.customers.is_empty():
        return gettext("Only totals are in this page, and no customer's id.")
    return gettext("This page names customers, in the section on customers to contact first.")


def _made(facts: Facts, title: str | None, out: Path | None, figures: Path | None, language: Language) -> Report:
    """The report of these facts."""
    with written_in(language):
        sections = sections_of(facts)
        return Report(
            html=_page(facts, title, sections),
            charts={chart.name: standalone(chart) for section in sections for chart in section.charts},
            sections=tuple(section.title for section in sections),
            out=out,
            figures=figures,
        )


def _page(facts: Facts, title: str | None, sections: list[Section]) -> str:
    manifest = facts.manifest
    first, last = day(manifest["first_day"]), day(manifest["as_of"])
    made = gettext("Made by whalecurve {version} from run {run}.", version=manifest["version"], run=manifest["run_id"])
    return page(
        title or gettext("Customer value as of {day}", day=last),
        gettext(
            "{customers}, {first} to {last}", customers=customers(manifest["customers"]["all"]), first=first, last=last
        ),
        sections,
        f"{made} {_personal(facts)}",
    )
