"""`whalecurve validate`: fit on the past, predict the rest, say how well."""

from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from whalecurve.cli.errors import option_of
from whalecurve.cli.options.given import is_given
from whalecurve.cli.options.groups import takes_groups
from whalecurve.cli.options.orders import OrderLog, Period, Unit
from whalecurve.cli.options.output import Overwrite
from whalecurve.cli.options.panels import ADVANCED_PANEL, WRITING_PANEL
from whalecurve.cli.options.running import Limits, Running
from whalecurve.cli.options.scoring import SETTINGS, RfmScoringOptions
from whalecurve.cli.options.values import days

VALIDATING = "What is validated"
USUAL_HOLDOUT = 90
SHARED = ("value", "spend", "risk_horizon", "season", "recalibrate")
"""Options of scoring that models are validated with, too."""


@takes_groups(settings_file=True)
def validate_command(
    *,
    context: typer.Context,
    holdout: Annotated[
        int | None,
        typer.Option(
            parser=days,
            metavar="SPAN",
            help="Length of the holdout, the last days, which models predict without seeing them: 90d, 13w, 3m, 1y.",
            show_default="90d",
            rich_help_panel=VALIDATING,
        ),
    ] = None,
    origins: Annotated[
        int,
        typer.Option(
            min=1,
            max=52,
            help="Number of backtests, each one holdout earlier, with the spread of their measures.",
            rich_help_panel=VALIDATING,
        ),
    ] = 1,
    labels: Annotated[
        bool,
        typer.Option(
            "--labels",
            help="Check labels (risk, segments, tiers, stages) instead of models against what followed.",
            rich_help_panel=VALIDATING,
        ),
    ] = False,
    cut: Annotated[
        list[datetime] | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            metavar="DATE",
            help="Day as of which customers are labelled; repeatable.",
            show_default="365 and 180 days before the last day observed",
            rich_help_panel=VALIDATING,
        ),
    ] = None,
    orders: OrderLog,
    unit: Unit = "day",
    period: Period = None,
    model: Annotated[
        str | None,
        typer.Option(
            help="One purchase model: bgnbd, mbgnbd, pnbd, bgcnbd, mbgcnbd; bgbb with --period.",
            show_default="bgnbd, mbgnbd and pnbd, or bgbb",
            rich_help_panel=VALIDATING,
        ),
    ] = None,
    scoring: RfmScoringOptions,
    l2: Annotated[
        float, typer.Option(help="Penalty on squared log parameters when fitting.", rich_help_panel=ADVANCED_PANEL)
    ] = 0.0,
    out: Annotated[
        Path | None,
        typer.Option(help="Directory to write customers, measures and tables to.", rich_help_panel=WRITING_PANEL),
    ] = None,
    overwrite: Overwrite = False,
    limits: Limits,
    running: Running,
) -> None:
    """Backtest every model on a holdout and compare with simple baselines that need no model.

    With --labels: score the past, and check of each label whether its customers then did as it claims.

    Example: [bold]whalecurve validate orders/ --holdout 90d --amount "price * quantity"[/bold]
    """
    _refuse_strangers(context, labels=labels, holdout=holdout, origins=origins, cut=cut, scoring=scoring)
    with running.started("validate") as on_stage:
        from whalecurve import engine
        from whalecurve.cli.reports.phrases import json_text
        from whalecurve.cli.reports.understand.labels import labels_text
        from whalecurve.cli.reports.understand.validate import validation_text

        window = orders.window(engine.Window(unit=unit, period=period))
        if labels:
            asked = engine.Scoring(model=model or engine.Scoring().model, l2=l2, **scoring.settings)
            checked = engine.validate_labels(
                orders.source, cuts=[day.date() for day in cut or ()], out=out, columns=orders.columns, window=window,
                scoring=asked, overwrite=overwrite, max_refused=limits.max_refused, memory=limits.memory,
                jobs=running.jobs, on_stage=on_stage,
            )  # fmt: skip
            text = json_text(checked.to_dict()) if running.as_json else labels_text(checked, out)
        else:
            validation = engine.validate(
                orders.source, holdout_days=USUAL_HOLDOUT if holdout is None else holdout, model=model, origins=origins,
                out=out, columns=orders.columns, window=window, scoring=engine.Scoring(l2=l2, **scoring.settings),
                overwrite=overwrite, max_refused=limits.max_refused, memory=limits.memory, on_stage=on_stage,
            )  # fmt: skip
            text = json_text(validation.to_dict()) if running.as_json else validation_text(validation, out)
    running.show(text)


def _refuse_strangers(
    context: typer.Context,
    *,
    labels: bool,
    holdout: int | None,
    origins: int,
    cut: list[datetime] | None,
    scoring: RfmScoringOptions,
) -> None:
    """Refuse options of the other kind of validation: they would change nothing.

    Those of a settings file are passed over, which serves `score` and both kinds of validation alike.
    """
    if labels:
        if holdout is not None and is_given(context, "holdout", in_a_file=False):
            raise typer.BadParameter("--holdout is for models; with --labels say --cut DATE")
        if origins > 1 and is_given(context, "origins", in_a_file=False):
            raise typer.BadParameter("--origins is for models; with --labels say --cut DATE more than once")
        return
    usual = RfmScoringOptions()
    names = [field.name for field in fields(scoring) if field.name not in SHARED]
    given = [name for name in names if getattr(scoring, name) != getattr(usual, name)]
    for name in [*(["cut"] if cut else []), *given]:
        if is_given(context, name, in_a_file=False):
            option = option_of(SETTINGS.get(name, name))
            raise typer.BadParameter(f"{option} says how customers are labelled; add --labels")
