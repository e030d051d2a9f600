"""`whalecurve profile`: who the ideal customers are, when and what they buy, where they came from, what comes next."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from whalecurve.cli.options.groups import takes_groups
from whalecurve.cli.options.output import Overwrite
from whalecurve.cli.options.panels import WRITING_PANEL
from whalecurve.cli.options.running import Running
from whalecurve.cli.options.values import dimensions_in

WHOM, ASKED, SEEDS = (
    "Which customers",
    "Questions and reporting thresholds",
    "The seed list for look-alike audiences",
)
USUAL = {"by": "category,brand,product", "first": "channel,campaign,city", "next": "category"}


@takes_groups(settings_file=True)
def profile_command(
    *,
    scores: Annotated[Path, typer.Argument(help="Directory that whalecurve score wrote.", metavar="DIR")],
    segment: Annotated[
        str | None,
        typer.Option(
            help="RFM segment.",
            show_default="the one at low risk with the highest mean value at stake",
            rich_help_panel=WHOM,
        ),
    ] = None,
    matrix: Annotated[
        str | None,
        typer.Option(help="Cell of the risk x value matrix instead.", show_default="none", rich_help_panel=WHOM),
    ] = None,
    tier: Annotated[
        Literal["high", "middle", "low"] | None,
        typer.Option(help="CLV tier instead: best 20 %, next 30 %, rest.", show_default="none", rich_help_panel=WHOM),
    ] = None,
    orders: Annotated[
        str | None,
        typer.Option(
            help="The scored order lines, if they have moved: files, directory, glob or URL.",
            show_default="where they were when scored",
            rich_help_panel=WHOM,
        ),
    ] = None,
    customers: Annotated[
        str | None,
        typer.Option(
            help="File with attributes of customers, one row each.",
            show_default="none",
            rich_help_panel=ASKED,
        ),
    ] = None,
    customers_key: Annotated[
        str | None,
        typer.Option(help="Its column of customer ids.", show_default="named as in the orders", rich_help_panel=ASKED),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(
            metavar="SQL",
            help='What they buy: columns or SQL expressions, comma-separated; "" for none.',
            show_default=f"{USUAL['by']}, where files have them",
            rich_help_panel=ASKED,
        ),
    ] = None,
    first_by: Annotated[
        str | None,
        typer.Option(
            metavar="SQL",
            help="Where they came from: dimensions of the first order.",
            show_default=f"{USUAL['first']}, where files have them",
            rich_help_panel=ASKED,
        ),
    ] = None,
    next_by: Annotated[
        str | None,
        typer.Option(
            metavar="SQL",
            help="What they need next: dimensions of the second purchase day, and of what they have never bought.",
            show_default=f"{USUAL['next']}, where files have it",
            rich_help_panel=ASKED,
        ),
    ] = None,
    min_customers: Annotated[
        int,
        typer.Option(help="Ignore values with fewer customers.", rich_help_panel=ASKED),
    ] = 30,
    fdr: Annotated[
        float,
        typer.Option(
            help="False discovery rate per dimension of the values that mark the segment.", rich_help_panel=ASKED
        ),
    ] = 0.05,
    level: Annotated[float, typer.Option(help="Confidence level of intervals.", rich_help_panel=ASKED)] = 0.95,
    min_lift: Annotated[
        float,
        typer.Option(
            help="Lift from which a value marks the segment, or its inverse.",
            rich_help_panel=ASKED,
        ),
    ] = 1.2,
    top: Annotated[
        int,
        typer.Option(min=0, help="How many values to print beyond those that mark the segment.", rich_help_panel=ASKED),
    ] = 5,
    seed_size: Annotated[
        int | None,
        typer.Option(help="Maximum number of seeds, highest CLV first.", show_default="all", rich_help_panel=SEEDS),
    ] = None,
    seed_column: Annotated[
        str | None,
        typer.Option(
            help="Column of --customers to write, e.g. email or phone.",
            show_default="the customer id",
            rich_help_panel=SEEDS,
        ),
    ] = None,
    seed_kind: Annotated[
        Literal["text", "email", "phone"] | None,
        typer.Option(help="What that column holds.", show_default="by its name", rich_help_panel=SEEDS),
    ] = None,
    hash: Annotated[
        bool, typer.Option("--hash", help="Write SHA-256 of the normalised seeds.", rich_help_panel=SEEDS)
    ] = False,
    hash_for: Annotated[
        Literal["google", "meta", "tiktok"] | None,
        typer.Option(
            help="Write SHA-256 of the seeds, normalised as this tool takes them.",
            show_default="trimmed, lower case, phone numbers with +",
            rich_help_panel=SEEDS,
        ),
    ] = None,
    seed_values: Annotated[
        bool,
        typer.Option("--seed-values", help="Also write the rank, CLV and value of each seed.", rich_help_panel=SEEDS),
    ] = False,
    raw_seeds: Annotated[
        bool,
        typer.Option(
            "--raw-seeds",
            help="Do not escape values that a spreadsheet would run as a formula.",
            rich_help_panel=SEEDS,
        ),
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(help="Directory to write the profile and the seed list to.", rich_help_panel=WRITING_PANEL),
    ] = None,
    overwrite: Overwrite = False,
    running: Running,
) -> None:
    """Profile the ideal customers: who they are, when and what they buy, where they came from, what they need next.

    Example: [bold]whalecurve profile scores --segment Champions --out ideal --seed-size 1000[/bold]
    """
    with running.started("profile") as on_stage:
        from whalecurve import engine
        from whalecurve.cli.reports.phrases import json_text
        from whalecurve.cli.reports.understand.profile import profile_text

        settings = engine.Profiling(
            by=_dimensions(by), first_by=_dimensions(first_by), next_by=_dimensions(next_by),
            customers_key=customers_key, min_customers=min_customers, fdr=fdr, level=level, min_lift=min_lift,
        )  # fmt: skip
        seeding = engine.Seeding(
            size=seed_size,
            column=seed_column,
            kind=seed_kind,
            is_hashed=hash,
            hash_for=hash_for,
            has_values=seed_values,
            is_raw=raw_seeds,
        )
        profiled = engine.profile(
            scores, segment=segment, matrix=matrix, tier=tier, orders=orders, customers=customers, settings=settings,
            seeding=seeding, out=out, overwrite=overwrite, on_stage=on_stage,
        )  # fmt: skip
    record = profiled.to_dict(top)
    running.show(json_text(record) if running.as_json else profile_text(record, out))


def _dimensions(text: str | None) -> tuple[str, ...] | None:
    return None if text is None else tuple(dimensions_in(text)) if text.strip() else ()
