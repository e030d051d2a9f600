"""Write pnbd_bgbb_points.csv: values of Pareto/NBD and BG/BB by the oracles' numerical integration; some minutes.

Run from the repository root: python -m tests.reference.pnbd_bgbb_points
"""

import csv
from pathlib import Path

from mpmath import nstr

from tests.oracle import bgbb, pnbd

HISTORIES = {
    pnbd: [(0, 0.0, 38.9), (2, 30.43, 38.86), (8, 20.0, 39.0), (29, 37.7, 38.0), (7, 90.0, 700.0)],
    bgbb: [(0, 0, 6), (3, 4, 6), (6, 6, 6), (2, 3, 30), (11, 20, 24)],
}
# Cases in turn: the published estimate, equal scales, little dropout, large shapes, unequal scales.
PARAMETERS = {
    pnbd: [
        (0.5534, 10.5802, 0.6061, 11.6562),
        (1.4, 9.9, 0.8, 9.9),
        (0.786435, 5.678976, 1.0, 57.17),
        (30.0, 600.0, 48.0, 400.0),
        (2.2, 0.56, 1.7, 60.0),
    ],
    bgbb: [
        (1.2035, 0.7497, 0.6567, 2.7834),
        (0.4, 3.0, 0.7, 0.7),
        (2.5, 40.0, 1.0, 6.0),
        (30.0, 20.0, 8.0, 70.0),
        (0.9, 1.3, 1.6, 0.3),
    ],
}
AHEAD = {pnbd: [1.0, 39.0, 260.0, 10.0, 52.0], bgbb: [1, 10, 26, 5, 8]}
COUNTS = {
    pnbd: [(0, 39.0), (1, 0.5), (4, 52.0), (25, 100.0), (40, 9.0)],
    bgbb: [(0, 6), (2, 6), (6, 6), (9, 30), (1, 20)],
}
DISCOUNTS = {pnbd: [0.01, 0.1, 1.0, 0.02, 0.5], bgbb: [0.6, 1.0, 2.0, 0.8, 1.5]}


def cases(model):
    for history, parameters, ahead, counts, discount in zip(
        HISTORIES[model], PARAMETERS[model], AHEAD[model], COUNTS[model], DISCOUNTS[model], strict=True
    ):
        yield model.log_likelihood, history, parameters
        yield model.p_alive, history, parameters
        yield model.expected_purchases, (ahead,), parameters
        yield model.conditional_expected_purchases, (ahead, *history), parameters
        yield model.pmf, counts, parameters
        yield model.p_no_purchase, (ahead, *history), parameters
        yield model.dert, (discount, *history), parameters


def main():
    with Path(__file__).with_suffix(".csv").open("w", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["model", "function", "arguments", "parameters", "value"])
        for model in (pnbd, bgbb):
            for function, arguments, parameters in cases(model):
                value = nstr(function(*arguments, *parameters), 20)
                table.writerow(
                    [
                        model.__name__.rpartition(".")[2],
                        function.__name__,
                        " ".join(map(str, arguments)),
                        " ".join(map(str, parameters)),
                        value,
                    ]
                )


if __name__ == "__main__":
    main()
