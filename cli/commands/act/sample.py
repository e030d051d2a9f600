"""`whalecurve sample`: customers drawn at random from each segment, to be asked."""

from pathlib import Path
from typing import Annotated

import typer

from whalecurve.cli.options.groups import takes_groups
from whalecurve.cli.options.output import Overwrite
from whalecurve.cli.options.panels import WRITING_PANEL
from whalecurve.cli.options.running import Running
from whalecurve.cli.options.values import SegmentScheme

HOW_MANY, WHOM = "How many", "Whom"


@takes_groups(settings_file=True)
def sample_command(
    *,
    scores: Annotated[Path, typer.Argument(help="Directory that whalecurve score wrote.", metavar="DIR")],
    per_segment: Annotated[
        int | None,
        typer.Option(help="Customers of each segment.", show_default="40, without --total", rich_help_panel=HOW_MANY),
    ] = None,
    total: Annotated[
        int | None,
        typer.Option(
            help="Size of the whole sample instead, allocated in proportion to the segments.",
            show_default="none",
            rich_help_panel=HOW_MANY,
        ),
    ] = None,
    reserve: Annotated[
        float,
        typer.Option(help="Customers in reserve per customer in the sample.", rich_help_panel=HOW_MANY),
    ] = 1.0,
    interview_below: Annotated[
        int,
        typer.Option(
            help="For segments with fewer customers, interviews are advised instead of a survey.",
            rich_help_panel=HOW_MANY,
        ),
    ] = 30,
    scheme: Annotated[
        SegmentScheme,
        typer.Option(help="Which labels are the strata.", rich_help_panel=WHOM),
    ] = "rfm",
    segment: Annotated[
        list[str] | None,
        typer.Option(help="Only this segment; repeatable.", show_default="all", rich_help_panel=WHOM),
    ] = None,
    exclude: Annotated[
        list[str] | None,
        typer.Option(
            help="Customers to leave out: a file of ids, or an earlier sample; repeatable.",
            metavar="FILE",
            show_default="none",
            rich_help_panel=WHOM,
        ),
    ] = None,
    exclude_key: Annotated[
        str | None,
        typer.Option(help="Its column of ids.", show_default="customer_id, or the only column", rich_help_panel=WHOM),
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed draws the same customers.", rich_help_panel=WHOM)] = 0,
    out: Annotated[
        Path | None, typer.Option(help="Directory to write the lists to.", rich_help_panel=WRITING_PANEL)
    ] = None,
    overwrite: Overwrite = False,
    running: Running,
) -> None:
    """Draw customers at random from each segment, with a reserve, for a survey or for interviews.

    Example: [bold]whalecurve sample scores --per-segment 40 --exclude asked.csv --out survey[/bold]
    """
    with running.started("sample") as on_stage:
        from whalecurve import engine
        from whalecurve.cli.reports.act.sample import sample_text
        from whalecurve.cli.reports.phrases import json_text

        settings = engine.Sampling(
            scheme=scheme,
            segments=None if segment is None else tuple(segment),
            per_segment=per_segment,
            total=total,
            reserve=reserve,
            interview_below=interview_below,
            seed=seed,
        )
        drawn = engine.sample(
            scores,
            settings=settings,
            exclude=exclude or (),
            exclude_key=exclude_key,
            out=out,
            overwrite=overwrite,
            on_stage=on_stage,
        )
    record = drawn.to_dict()
    running.show(json_text(record) if running.as_json else sample_text(record, out))
