"""What is usually written instead: one script with pandas and lifetimes, from order lines to scored customers.

`python pandas_lifetimes.py ORDERS OUT CUSTOMER TIME AMOUNT[*FACTOR]`: sales of a Parquet file to customers' frequency,
recency, age and mean value, BG/NBD and Gamma-Gamma fitted to them, CLV of twelve months at one per cent a month, and
quintiles of recency, frequency and value; Parquet again. It imports what it uses and nothing else.
"""

import sys
import warnings

import pandas as pd

warnings.simplefilter("ignore")  # lifetimes is older than the pandas and NumPy that warn of its style

from lifetimes import BetaGeoFitter, GammaGammaFitter  # noqa: E402
from lifetimes.utils import summary_data_from_transaction_data  # noqa: E402


def sales_of(path: str, customer: str, time: str, factors: list[str]) -> pd.DataFrame:
    """Lines that name a customer and a positive amount."""
    lines = pd.read_parquet(path, columns=[customer, time, *factors]).dropna(subset=[customer])
    lines["sales"] = lines[factors[0]]
    for factor in factors[1:]:
        lines["sales"] *= lines[factor]
    return lines[lines["sales"] > 0]


def scored(customers: pd.DataFrame) -> pd.DataFrame:
    """P(alive), CLV of twelve months, and scores of 1 to 5."""
    history = customers["frequency"], customers["recency"], customers["T"]
    purchases = BetaGeoFitter().fit(*history)
    repeat = customers[(customers["frequency"] > 0) & (customers["monetary_value"] > 0)]
    spend = GammaGammaFitter().fit(repeat["frequency"], repeat["monetary_value"])
    customers["p_alive"] = purchases.conditional_probability_alive(*history)
    customers["clv"] = spend.customer_lifetime_value(
        purchases, *history, customers["monetary_value"], time=12, freq="D", discount_rate=0.01
    )
    silence = customers["T"] - customers["recency"]
    for name, values, best_first in (
        ("r_score", silence, True),
        ("f_score", customers["frequency"], False),
        ("m_score", customers["value"], False),
    ):
        labels = [5, 4, 3, 2, 1] if best_first else [1, 2, 3, 4, 5]
        customers[name] = pd.qcut(values.rank(method="first"), 5, labels=labels).astype("int8")
    return customers


def main(path: str, out: str, customer: str, time: str, amount: str) -> None:
    """Read, score, write."""
    sales = sales_of(path, customer, time, amount.split("*"))
    customers = summary_data_from_transaction_data(sales, customer, time, monetary_value_col="sales")
    customers["value"] = sales.groupby(customer)["sales"].sum()
    scored(customers).to_parquet(out)


if __name__ == "__main__":
    main(*sys.argv[1:])
