"""A scheme of four segments by two scores, for logs that are worked out by hand."""

SCHEME = """
name = "quarters"
description = "Lately or not (R), often or not (F)."
bins = 2
segment = [
    {name = "Faithful", r = 2, f = 2, action = "Thank them."},
    {name = "Fresh", r = 2, f = 1, action = "Welcome them."},
    {name = "Fading", r = 1, f = 2, action = "Ask them back."},
    {name = "Gone", r = 1, f = 1, action = "Leave them be."},
]
matrix.retain = {name = "Retain", action = "-"}
matrix.divest = {name = "Divest", action = "-"}
matrix.grow = {name = "Grow", action = "-"}
matrix.maintain = {name = "Maintain", action = "-"}
"""
