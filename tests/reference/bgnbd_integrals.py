"""Write bgnbd_integrals.csv: BG/NBD and MBG/NBD values by integration over the models' definitions.

    python -m tests.reference.bgnbd_integrals        (half a minute; from the root of the repository)

Columns: model, function, its arguments in the kernels' order joined by blanks, value to 17 digits.
"""

import csv
from pathlib import Path

from mpmath import nstr

from tests.oracle import bgnbd, mbgnbd

CDNOW = (0.243, 4.414, 0.793, 2.426)
LIMIT = (0.243, 4.414, 1.0, 2.426)
FICKLE = (3.2, 1.5, 0.2, 0.1)
BRIEF = (0.084, 0.70762, 0.266508, 0.12621)
STEADY = (1.7, 8.0, 2.5, 40.0)
BUSY = (60.0, 20.0, 0.3, 0.5)
HISTORIES = ((0, 0.0, 38.86), (1, 1.71, 38.86), (2, 30.43, 38.86), (29, 37.7, 38.0))

POINTS = [
    *((f, (*h, *p)) for f in ("log_likelihood", "p_alive") for h in HISTORIES for p in (CDNOW, FICKLE, STEADY)),
    *(("p_no_purchase", (t, *h, *p)) for t in (0.5, 26.0) for h in HISTORIES for p in (CDNOW, FICKLE)),
    *(("pmf", (n, 39.0, *p)) for n in (0, 1, 2, 20) for p in (CDNOW, FICKLE, STEADY)),
    *(("expected_if_alive", (39.0, x, 38.86, *p)) for x in (0, 2) for p in (CDNOW, LIMIT, FICKLE, STEADY)),
    ("expected_if_alive", (52.0, 29, 38.0, *CDNOW)),
    ("expected_purchases", (39.0, *CDNOW)),
    ("expected_purchases", (4535.2, *BRIEF)),
    ("expected_purchases", (30.0, *BUSY)),
]


def main() -> None:
    with Path(__file__).with_suffix(".csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["model", "function", "arguments", "value"])
        for model, oracle in (("bgnbd", bgnbd), ("mbgnbd", mbgnbd)):
            for function, arguments in POINTS:
                value = getattr(oracle, function)(*arguments)
                writer.writerow([model, function, " ".join(map(str, arguments)), nstr(value, 17)])
                file.flush()


if __name__ == "__main__":
    main()
