"""Write cnbd_points.csv: values of (M)BG/CNBD-k by integration over its definition, and by series with fifty digits.

    python -m tests.reference.cnbd_points        (five minutes; from the root of the repository)

Columns: function, its arguments in the order of `kernels.cnbd` joined by blanks, value to 17 digits.
"""

import csv
from pathlib import Path

from mpmath import mp, nstr

from tests.oracle import cnbd

WEEKLY = (3, 1.1, 2.4, 0.7, 3.2)
CLOCKWORK = (12, 4.0, 2.0, 0.4, 9.0)
FICKLE = (2, 0.3, 4.4, 0.8, 0.2)
LIMIT = (4, 0.6, 5.0, 1.0, 2.4)
HISTORIES = ((0, 0.0, 38.86), (1, 1.71, 38.86), (2, 30.43, 38.86), (9, 37.7, 38.0))

BY_INTEGRALS = [
    *(
        ("log_likelihood", (*h, 1.7 * bool(h[0]), *p, e))
        for h in HISTORIES
        for p in (WEEKLY, CLOCKWORK)
        for e in (0, 1)
    ),
    *(("p_alive", (*h, *p, e)) for h in HISTORIES for p in (WEEKLY, FICKLE) for e in (0, 1)),
    *(("p_no_purchase", (6.0, *h, *p, 1)) for h in HISTORIES for p in (WEEKLY, CLOCKWORK)),
    *(("pmf", (n, 39.0, *p, e)) for n in (0, 1, 7) for p in (WEEKLY, FICKLE) for e in (0, 1)),
    *(("expected_if_alive", (13.0, *h, *p, 1)) for h in HISTORIES[1:] for p in (WEEKLY, LIMIT)),
    ("expected_purchases", (13.0, *FICKLE, 0)),
    ("expected_purchases", (6.0, *WEEKLY, 1)),
]
BY_SERIES = [
    *((t, *h, *p, e) for t in (1e-3, 13.0, 365.0) for h in HISTORIES for p in (WEEKLY, CLOCKWORK, FICKLE, LIMIT)
      for e in (0, 1)),
    *((52.0, x, t_x, T, *WEEKLY, 1) for x, t_x, T in ((400, 90.0, 97.0), (2500, 700.0, 730.0), (3, 0.5, 700.0))),
    *((4535.2, 0, 0.0, 1.5, *p, 0) for p in ((2, 0.084, 0.70762, 0.266508, 0.12621), (5, 0.084, 0.70762, 1.0, 12.0))),
    (30.0, 2, 1.0, 30.0, 6, 1e-6, 3.0, 1e-6, 0.5, 1),
    (30.0, 2, 1.0, 30.0, 6, 2.0, 3.0, 40.0, 2000.0, 1),
]  # fmt: skip


def main() -> None:
    with Path(__file__).with_suffix(".csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["function", "arguments", "value"])
        for function, arguments in BY_INTEGRALS:
            with mp.workdps(20 if function.startswith("expected") else 30):
                value = getattr(cnbd, function)(*arguments)
            writer.writerow([function, " ".join(map(str, arguments)), nstr(value, 17)])
            file.flush()
        for arguments in BY_SERIES:
            value = cnbd.expected_by_series(*arguments)
            writer.writerow(["expected_if_alive", " ".join(map(str, arguments)), nstr(value, 17)])
            file.flush()


if __name__ == "__main__":
    main()
