"""Which types can play a role: asked of columns before they are offered, and of what is mapped."""

import polars as pl

MONEY_ROLES = ("amount", "margin", "cost", "refund")


def suits(role: str, dtype: pl.DataType) -> bool:
    """Whether values of this type can play the role; categories are read as text."""
    if role == "time":
        return isinstance(dtype, pl.Date | pl.Datetime)
    if role in MONEY_ROLES:
        return dtype.is_numeric()
    if role == "return_flag":
        return isinstance(dtype, pl.Boolean)
    return dtype.is_integer() or isinstance(dtype, pl.String | pl.Binary | pl.Categorical | pl.Enum)


def needed_for(role: str) -> str:
    """What a role needs, in words."""
    if role in MONEY_ROLES:
        return "a number"
    return {"time": "a date or datetime", "return_flag": "true or false"}.get(role, "an integer, string or binary id")
