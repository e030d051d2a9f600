"""`whalecurve experience`: what customers say in surveys, and how their tickets went, by segment, product and wave."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from whalecurve.cli.options.groups import takes_groups
from whalecurve.cli.options.output import Overwrite
from whalecurve.cli.options.panels import WRITING_PANEL
from whalecurve.cli.options.running import Running
from whalecurve.cli.options.values import dimensions_in

SURVEYS, TICKETS, COUNTED = "Surveys", "Tickets", "How they are counted"


@takes_groups(settings_file=True)
def experience_command(
    *,
    scores: Annotated[Path, typer.Argument(help="Directory that whalecurve score wrote.", metavar="DIR")],
    surveys: Annotated[
        str | None,
        typer.Option(
            help="File of answers: customer, time, question, score (Parquet, Arrow, CSV).",
            metavar="FILE",
            show_default="none",
            rich_help_panel=SURVEYS,
        ),
    ] = None,
    surveys_preset: Annotated[
        str | None,
        typer.Option(
            help="Tool that its columns are read by: delighted, gorgias, zendesk-ratings.",
            metavar="NAME",
            show_default="the tool that its columns tell, if any",
            rich_help_panel=SURVEYS,
        ),
    ] = None,
    survey_customer: Annotated[
        str | None,
        typer.Option(help="Its column of customers.", show_default="customer_id or email", rich_help_panel=SURVEYS),
    ] = None,
    survey_time: Annotated[
        str | None,
        typer.Option(
            help="Its column of times: answered, or asked where there is no answer.",
            show_default="time, answered_at or created_at",
            rich_help_panel=SURVEYS,
        ),
    ] = None,
    survey_question: Annotated[
        str | None,
        typer.Option(
            help="Its column of questions, or one for all: \"'nps'\"; nps, csat, ces and review are known.",
            metavar="SQL",
            show_default="question, kind or type",
            rich_help_panel=SURVEYS,
        ),
    ] = None,
    survey_score: Annotated[
        str | None,
        typer.Option(
            help="Its column of scores; without one nobody answered.",
            metavar="SQL",
            show_default="score, rating or answer",
            rich_help_panel=SURVEYS,
        ),
    ] = None,
    survey_scale: Annotated[
        str | None,
        typer.Option(
            help="Its column of highest scores, or one for all.",
            metavar="SQL",
            show_default="10, 5, 7, 5 of nps, csat, ces, review",
            rich_help_panel=SURVEYS,
        ),
    ] = None,
    survey_product: Annotated[
        str | None,
        typer.Option(
            help="Its column of products.", metavar="SQL", show_default="product or sku", rich_help_panel=SURVEYS
        ),
    ] = None,
    survey_answered: Annotated[
        str | None,
        typer.Option(
            help="Condition that a row was answered.",
            metavar="SQL",
            show_default="it has a score",
            rich_help_panel=SURVEYS,
        ),
    ] = None,
    tickets: Annotated[
        str | None,
        typer.Option(
            help="File of tickets: customer, opened, solved (Parquet, Arrow, CSV).",
            metavar="FILE",
            show_default="none",
            rich_help_panel=TICKETS,
        ),
    ] = None,
    tickets_preset: Annotated[
        str | None,
        typer.Option(
            help="Tool that its columns are read by: zendesk.",
            metavar="NAME",
            show_default="the tool that its columns tell, if any",
            rich_help_panel=TICKETS,
        ),
    ] = None,
    ticket_customer: Annotated[
        str | None,
        typer.Option(help="Its column of customers.", show_default="customer_id or email", rich_help_panel=TICKETS),
    ] = None,
    ticket_opened: Annotated[
        str | None,
        typer.Option(
            help="Its column of times opened.", show_default="opened_at or created_at", rich_help_panel=TICKETS
        ),
    ] = None,
    ticket_solved: Annotated[
        str | None,
        typer.Option(
            help="Its column of times solved; without one a ticket is open.",
            show_default="solved_at or closed_at",
            rich_help_panel=TICKETS,
        ),
    ] = None,
    ticket_reopened: Annotated[
        str | None,
        typer.Option(
            help='Condition that it was reopened: "reopens > 0".',
            metavar="SQL",
            show_default="reopened",
            rich_help_panel=TICKETS,
        ),
    ] = None,
    ticket_rating: Annotated[
        str | None,
        typer.Option(help="Its column of ratings.", metavar="SQL", show_default="rating", rich_help_panel=TICKETS),
    ] = None,
    wave: Annotated[
        Literal["month", "quarter", "year"],
        typer.Option(help="Period in which a customer's latest answer counts.", rich_help_panel=COUNTED),
    ] = "quarter",
    repeat_days: Annotated[
        int,
        typer.Option(help="Days after an answer to look for purchases in; 0 for none.", rich_help_panel=COUNTED),
    ] = 90,
    weight_by: Annotated[
        str,
        typer.Option(
            help="Schemes by whose mix scores are weighted, comma-separated; none for no weights.",
            metavar="SCHEME,...",
            rich_help_panel=COUNTED,
        ),
    ] = "rfm,clv_tier",
    min_customers: Annotated[int, typer.Option(help="Smaller groups are pooled.", rich_help_panel=COUNTED)] = 10,
    level: Annotated[float, typer.Option(help="Confidence level of intervals.", rich_help_panel=COUNTED)] = 0.95,
    orders: Annotated[
        str | None,
        typer.Option(
            help="The scored order lines, if they have moved: files, directory, glob or URL.",
            show_default="where they were when scored",
            rich_help_panel=COUNTED,
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Directory to write to.", rich_help_panel=WRITING_PANEL)] = None,
    overwrite: Overwrite = False,
    running: Running,
) -> None:
    """What customers say and how they are served: NPS, CSAT, CES, reviews, tickets, by segment.

    Example: [bold]whalecurve experience scores --surveys answers.csv --tickets tickets.csv[/bold]
    """
    with running.started("experience") as on_stage:
        from whalecurve import engine
        from whalecurve.cli.reports.phrases import json_text
        from whalecurve.cli.reports.understand.experience import experience_text

        settings = engine.ExperienceSettings(
            surveys_preset=surveys_preset,
            survey_customer=survey_customer,
            survey_time=survey_time,
            survey_question=survey_question,
            survey_score=survey_score,
            survey_scale=survey_scale,
            survey_product=survey_product,
            survey_answered=survey_answered,
            tickets_preset=tickets_preset,
            ticket_customer=ticket_customer,
            ticket_opened=ticket_opened,
            ticket_solved=ticket_solved,
            ticket_reopened=ticket_reopened,
            ticket_rating=ticket_rating,
            wave=wave,
            repeat_days=repeat_days,
            weight_by=() if weight_by == "none" else tuple(dimensions_in(weight_by)),
            min_customers=min_customers,
            level=level,
        )
        found = engine.measure_experience(
            scores,
            surveys=surveys,
            tickets=tickets,
            settings=settings,
            orders=orders,
            out=out,
            overwrite=overwrite,
            on_stage=on_stage,
        )
    record = found.to_dict()
    running.show(json_text(record) if running.as_json else experience_text(record, out))
