"""Stage 7, outliers: what is odd about a candidate, how likely it is wrong, and where to cut.

`names` says what is looked at, `prices` and `core` measure how odd it is, `detector` makes one
calibrated chance of it, `bound` turns the share of wrong products that is put up with into a cut,
and `stage` is all of it for one page. This module loads nothing, so that pages may read the names.
"""
