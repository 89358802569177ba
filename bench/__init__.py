"""Benchmarks: Clouder against the same work done by hand, in one run.

They measure and never judge: no test depends on how long something takes.
"""
