"""`whalecurve demo`: simulate an order log, score it, show what came out, and write the report."""

import shutil
from pathlib import Path
from typing import Annotated

import typer

from whalecurve.cli.options.groups import takes_groups
from whalecurve.cli.options.output import Full
from whalecurve.cli.options.running import Running


@takes_groups()
def demo_command(
    *,
    out: Annotated[
        Path, typer.Option(help="Directory for shop/ (the orders), scores/ (the result) and report.html.")
    ] = Path("whalecurve-demo"),
    customers: Annotated[int, typer.Option(min=1, help="Customers to simulate.")] = 20_000,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same demo.")] = 0,
    full: Full = False,
    running: Running,
) -> None:
    """Simulate a shop's order log, score its customers and show the result. No data needed.

    Example: [bold]whalecurve demo[/bold]
    """
    with running.started("demo") as on_stage:
        from whalecurve import engine
        from whalecurve.cli.reports.start.score_first_screen import screen_text
        from whalecurve.cli.reports.start.score_in_full import run_json, run_text
        from whalecurve.engine.paths import refuse_impossible

        shop, scores, page = out / "shop", out / "scores", out / "report.html"
        refuse_impossible(out, f"--out {out}")
        is_again = (shop / "truth.json").is_file()
        if is_again:
            _remove(shop)
        settings = engine.Simulation(customers=customers, seed=seed)
        log = engine.simulate(settings, shop, progress=lambda n: on_stage(f"simulating, {n:,} order lines"))
        run = engine.score(log.orders, out=scores, overwrite=True, on_stage=on_stage)
        engine.report(scores, out=page, overwrite=is_again, on_stage=on_stage)
    if running.as_json:
        running.show(run_json(run))
        return
    running.show(f"{log.n_lines:,} simulated order lines in {log.orders}\n")
    running.show(run_text(run) if full else screen_text(run))
    running.show(f"the report, to be opened in a browser: {page}")
    running.show("the same on your own orders: whalecurve init ORDERS, then whalecurve score --help")


def _remove(directory: Path) -> None:
    from whalecurve.engine import InputError

    try:
        shutil.rmtree(directory)
    except OSError as error:
        raise InputError(f"{directory}: cannot be removed ({error.strerror}); choose another --out") from error
