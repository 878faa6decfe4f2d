"""Learn the cross-encoder from judgments, and find out whether it is worth its place.

`data` is what there is to learn from and how it is divided, `lists` what each page is learned
from, `inputs` the same as tokens; `beginning`, `fitting` and `distilling` teach models by the
`losses`; `findings` compares them on pages kept apart by the rules of `choice`; `course` does all
of it piece by piece.
"""
