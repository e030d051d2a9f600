"""Where the commas of an SQL expression are that separate its parts; without Polars, for the command line to ask."""


def separating_commas(text: str, start: int = 0) -> list[int]:
    """Positions of the commas from `start` on that are in no quotes and in no parentheses that open there.

    It ends where a parenthesis closes that opened before `start`, if one did.
    """
    depth, quote, commas = 0, "", []
    is_inside = start > 0
    for at in range(start, len(text)):
        letter = text[at]
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        elif letter == "," and depth <= 0:
            commas.append(at)
        else:
            depth += (letter == "(") - (letter == ")")
            if is_inside and depth < 0:
                break
    return commas
