"""Choosing one place for each session at the least cost: arithmetic alone.

It imports nothing of the API, because it runs in a process of its own (`apart`) that should begin
at once.
"""
