"""`docs/whale-curve.svg`: the picture of the README, of its own example. `python -m tests.tools.picture` draws it."""

import tempfile
from pathlib import Path

from whalecurve import engine

PICTURE = Path(__file__).parents[2] / "docs" / "whale-curve.svg"
CUSTOMERS, SEED = 5000, 1
SHEET = '<rect width="100%" height="100%" rx="8" fill="#ffffff"/>'
"""White paper below the curve, as pages are dark where their reader wants them so."""


def drawn() -> str:
    """The whale curve of the simulated shop that the README scores."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        engine.simulate(engine.Simulation(customers=CUSTOMERS, seed=SEED), folder / "shop")
        engine.score(folder / "shop" / "orders", out=folder / "scores")
        engine.report(folder / "scores", figures=folder / "figures")
        picture = (folder / "figures" / "whale-curve.svg").read_text(encoding="utf-8")
    return picture.replace("</style>", f"</style>{SHEET}", 1)


if __name__ == "__main__":
    PICTURE.write_text(drawn(), encoding="utf-8")
