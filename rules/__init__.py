"""The rules: facts in, findings out. Standard library only, no clock, no I/O.

Start at `evaluate.evaluate`; the words are in `stage`, `facts` and `finding`; each family of
rules has a file of its own, and the figures are data under `reference/`.
"""
