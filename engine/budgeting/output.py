"""A budget on disk, published whole or not at all."""

from dataclasses import asdict
from pathlib import Path

from whalecurve.engine.budgeting.responses import Responses
from whalecurve.engine.budgeting.results import Budget
from whalecurve.engine.publication import FORMAT, MODEL, Result, recorded, write_json, write_table
from whalecurve.engine.stages import Stages


def publish(found: Budget, out: Path, result: Result, responses: Responses, stages: Stages) -> None:
    """Write `allocation.parquet`, `options.parquet`, `frontier.parquet`, `budget.json`, and the usual records."""
    definitions = {
        **asdict(found.settings),
        "responses": [asdict(one) | {"segments": list(one.segments)} for one in responses.offers],
        "most": responses.most,
        "share": responses.share,
        "scores": found.scores,
    }
    with recorded(
        out,
        "budget",
        stages,
        as_of=found.as_of,
        inputs=[result.identity],
        definitions=definitions,
        rows=None,
        warnings=found.warnings,
    ) as staging:
        write_table(found.allocation, staging / "allocation.parquet", of="budget")
        write_table(found.options, staging / "options.parquet", of="budget")
        write_table(found.frontier, staging / "frontier.parquet", of="budget")
        write_json(found.to_dict(), staging / "budget.json")
        write_json({"format": FORMAT, "definitions": definitions}, staging / MODEL)
