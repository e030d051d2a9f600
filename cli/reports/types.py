"""Types of columns in plain words."""

import re

PLAIN = (
    (r"(U?Int\d+)", "whole number"),
    (r"Float\d+|Decimal(\(.*\))?", "number"),
    (r"String|Utf8|Categorical(\(.*\))?|Enum(\(.*\))?", "text"),
    (r"Boolean", "true or false"),
    (r"Date", "date"),
    (r"Time", "time of day"),
    (r"Duration(\(.*\))?", "span of time"),
    (r"Null", "empty"),
)
DATETIME = re.compile(r"Datetime(?:\(time_unit='\w+', time_zone=(?:None|'(?P<zone>[^']*)')\))?")


def plain_type(name: str) -> str:
    """A type as the engine names it, for people: "whole number" for Int64; types of other kinds stay as they are."""
    if found := DATETIME.fullmatch(name):
        return "date and time" + (f" ({found['zone']})" if found["zone"] else "")
    return next((words for pattern, words in PLAIN if re.fullmatch(pattern, name)), name)
