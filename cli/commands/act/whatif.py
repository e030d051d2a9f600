"""`whalecurve whatif`: what customers would be worth if they stayed longer, bought more often, or for more."""

from pathlib import Path
from typing import Annotated

import typer

from whalecurve.cli.options.groups import takes_groups
from whalecurve.cli.options.output import Overwrite
from whalecurve.cli.options.panels import WRITING_PANEL
from whalecurve.cli.options.running import Running
from whalecurve.cli.options.values import SegmentScheme, change, days, points

LEVERS, WHOM, QUESTIONS = "What changes from now on", "Whose future", "What else is asked"


@takes_groups(settings_file=True)
def whatif_command(
    *,
    scores: Annotated[Path, typer.Argument(help="Directory that whalecurve score wrote.", metavar="DIR")],
    retention: Annotated[
        float,
        typer.Option(
            parser=change,
            metavar="CHANGE",
            help="Change in the odds of staying, e.g. +5%.",
            show_default="the same",
            rich_help_panel=LEVERS,
        ),
    ] = 0.0,
    yearly_retention: Annotated[
        float | None,
        typer.Option(
            parser=points,
            metavar="POINTS",
            help="Instead, change in the share of today's active customers who are still active in a year, e.g. +2pt.",
            show_default="the same",
            rich_help_panel=LEVERS,
        ),
    ] = None,
    purchase_rate: Annotated[
        float,
        typer.Option(
            parser=change,
            metavar="CHANGE",
            help="Change in how often active customers buy, e.g. +10%.",
            show_default="the same",
            rich_help_panel=LEVERS,
        ),
    ] = 0.0,
    basket: Annotated[
        float,
        typer.Option(
            parser=change,
            metavar="CHANGE",
            help="Change in the value of a purchase, e.g. +3%.",
            show_default="the same",
            rich_help_panel=LEVERS,
        ),
    ] = 0.0,
    margin_rate: Annotated[
        float,
        typer.Option(
            parser=points,
            metavar="POINTS",
            help="Change in the margin rate, where value is margin, e.g. +1pt.",
            show_default="the same",
            rich_help_panel=LEVERS,
        ),
    ] = 0.0,
    discount: Annotated[
        float | None,
        typer.Option(
            help="Annual discount rate instead of the result's.", show_default="the result's", rich_help_panel=LEVERS
        ),
    ] = None,
    horizon: Annotated[
        int | None,
        typer.Option(
            parser=days,
            metavar="SPAN",
            help="How far CLV looks ahead, instead of the result's: 2y.",
            show_default="the result's",
            rich_help_panel=LEVERS,
        ),
    ] = None,
    acquire: Annotated[
        int, typer.Option(help="Number of new customers, like those of the last whole month.", rich_help_panel=LEVERS)
    ] = 0,
    scheme: Annotated[
        SegmentScheme,
        typer.Option(help="Which labels are printed, and named by --segment.", rich_help_panel=WHOM),
    ] = "rfm",
    segment: Annotated[
        list[str] | None,
        typer.Option(
            help="Change only customers of this segment; repeatable.",
            show_default="all",
            rich_help_panel=WHOM,
        ),
    ] = None,
    worth: Annotated[
        float | None,
        typer.Option(
            help="Break-even: how much must each lever improve, on its own, to be worth this per customer?",
            metavar="MONEY",
            show_default="not asked",
            rich_help_panel=QUESTIONS,
        ),
    ] = None,
    tornado: Annotated[
        bool,
        typer.Option("--tornado", help="Sensitivity: move one assumption at a time.", rich_help_panel=QUESTIONS),
    ] = False,
    level: Annotated[float, typer.Option(help="Confidence level of intervals.", rich_help_panel=QUESTIONS)] = 0.95,
    out: Annotated[Path | None, typer.Option(help="Directory to write to.", rich_help_panel=WRITING_PANEL)] = None,
    overwrite: Overwrite = False,
    running: Running,
) -> None:
    """CLV now and in a changed future: retention, purchase rate, basket, margin, discount, horizon, new customers.

    Example: [bold]whalecurve whatif scores --retention +5% --worth 2 --tornado[/bold]
    """
    with running.started("whatif") as on_stage:
        from whalecurve import engine
        from whalecurve.cli.reports.act.whatif import whatif_text
        from whalecurve.cli.reports.phrases import json_text

        levers = engine.Levers(
            retention=retention,
            yearly_retention=yearly_retention,
            purchase_rate=purchase_rate,
            basket=basket,
            margin_rate=margin_rate,
            annual_discount=discount,
            horizon_days=horizon,
            acquire=acquire,
            scheme=scheme,
            segments=None if segment is None else tuple(segment),
            worth=worth,
            tornado=tornado,
            level=level,
        )
        supposed = engine.whatif(scores, levers=levers, out=out, overwrite=overwrite, on_stage=on_stage)
    record = supposed.to_dict()
    running.show(json_text(record) if running.as_json else whatif_text(record, out))
