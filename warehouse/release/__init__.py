"""Releases: immutable, self-describing folders made of the warehouse, and how to read them from anywhere.

Belongs here: making, describing, comparing, verifying and reading a release. Does not: the warehouse itself, nor
`exports/`, which is replaced at every run.
"""
