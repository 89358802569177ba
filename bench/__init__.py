"""Benchmarks: Clouder against the same work done by hand, in one run.

They measure, and nothing depends on how long something takes. Only what is not there at
the end, such as a base that nobody answers for, ends ``./dev bench`` with an error.
"""
