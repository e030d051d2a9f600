"""`whalecurve score`: the main job."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from whalecurve.cli.errors import fail_over
from whalecurve.cli.options.given import is_given
from whalecurve.cli.options.groups import takes_groups
from whalecurve.cli.options.orders import OrderLog, Period, Unit
from whalecurve.cli.options.output import Full, Overwrite
from whalecurve.cli.options.panels import ADVANCED_PANEL, RUNNING_PANEL, WRITING_PANEL
from whalecurve.cli.options.running import Limits, Running
from whalecurve.cli.options.scoring import SETTINGS, ModelOptions, RfmScoringOptions


@takes_groups(settings_file=True)
def score_command(
    *,
    context: typer.Context,
    out: Annotated[Path, typer.Option(help="Directory to write the result to.", rich_help_panel=WRITING_PANEL)],
    orders: OrderLog,
    unit: Unit = "day",
    period: Period = None,
    model: ModelOptions,
    scoring: RfmScoringOptions,
    thresholds: Annotated[
        Path | None,
        typer.Option(
            help="An earlier result, or its model.json: use its thresholds, models and settings; nothing is fitted.",
            show_default="computed from this log",
            rich_help_panel=ADVANCED_PANEL,
        ),
    ] = None,
    totals: Annotated[
        bool,
        typer.Option(
            "--totals",
            help="ORDERS are totals of customers (version 1, see docs/totals.md), not order lines.",
            rich_help_panel=ADVANCED_PANEL,
        ),
    ] = False,
    layout: Annotated[
        Literal["flat", "hive"],
        typer.Option(
            help="Customers as one dataset (flat), or partitioned by segment (hive).",
            rich_help_panel=WRITING_PANEL,
        ),
    ] = "flat",
    measures: Annotated[
        bool,
        typer.Option(
            "--measures/--no-measures", help="Also compute measures over time.", rich_help_panel=WRITING_PANEL
        ),
    ] = True,
    tables: Annotated[
        Path | None,
        typer.Option(
            help="Also write customers, segments and measures as Delta Lake tables there, a new version per run.",
            show_default="none",
            rich_help_panel=WRITING_PANEL,
        ),
    ] = None,
    lineage: Annotated[
        Path | None,
        typer.Option(
            help="Also write an OpenLineage event (JSON): what was read and written.",
            show_default="none",
            rich_help_panel=WRITING_PANEL,
        ),
    ] = None,
    overwrite: Overwrite = False,
    limits: Limits,
    state: Annotated[
        Path | None,
        typer.Option(
            help="Directory of incremental state: the next run reads only new files.",
            show_default="none",
            envvar="WHALECURVE_STATE",
            rich_help_panel=RUNNING_PANEL,
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be done, and stop.", rich_help_panel=RUNNING_PANEL)
    ] = False,
    fail_on: Annotated[
        str | None,
        typer.Option(
            help="Exit with status 3, after writing the result, on any of these (comma-separated): drift (a "
            "population stability index of 0.25 or more against --thresholds), unreliable (CLV and risk), "
            "empty-segment.",
            show_default="none",
            metavar="KINDS",
            rich_help_panel=RUNNING_PANEL,
        ),
    ] = None,
    full: Full = False,
    running: Running,
) -> None:
    """Score every customer of an order log: RFM, lifetime value, churn risk, segment and action.

    Example: [bold]whalecurve score orders/ --out scores --amount "price * quantity"[/bold]
    """
    from whalecurve.cli.reports.start.findings import asked as asked_for
    from whalecurve.cli.reports.start.findings import findings

    kinds = asked_for(fail_on, has_thresholds=thresholds is not None)
    found: dict[str, str] = {}
    with running.started("score") as on_stage:
        from whalecurve import engine
        from whalecurve.cli.reports.phrases import json_text
        from whalecurve.cli.reports.start.score_first_screen import screen_text
        from whalecurve.cli.reports.start.score_in_full import plan_text, run_json, run_text

        asked: dict[str, Any] = model.settings | scoring.settings
        observed: dict[str, Any] = {"unit": unit, "period": period}
        if thresholds is None:
            how, usual = engine.Scoring(**asked), engine.Window(**observed)
        else:
            old = engine.open_old_run(thresholds)
            how = replace(old.scoring, **_given(context, asked))
            usual = replace(old.window, **_given(context, observed))
        columns, window = orders.columns, orders.window(usual)
        if dry_run:
            planned = engine.plan_score(
                orders.source,
                columns,
                window,
                how,
                out=out,
                overwrite=overwrite,
                thresholds=thresholds,
                totals=totals,
                memory=limits.memory,
            )
            printed = json_text(planned) if running.as_json else plan_text(planned)
        else:
            run = engine.score(
                orders.source, out=out, columns=columns, window=window, scoring=how, overwrite=overwrite, layout=layout,
                max_refused=limits.max_refused, memory=limits.memory, jobs=running.jobs, state=state,
                thresholds=thresholds, totals=totals, measures=measures, tables=tables, lineage=lineage,
                on_stage=on_stage,
            )  # fmt: skip
            printed = run_json(run) if running.as_json else run_text(run) if full else screen_text(run)
            found = findings(run, kinds)
    running.show(printed)
    fail_over(found, as_json=running.errors_json)


def _given(context: typer.Context, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the settings that were asked for, on the command line or in a settings file."""
    options = {setting: option for option, setting in SETTINGS.items()}
    return {name: value for name, value in settings.items() if is_given(context, options.get(name, name))}
