"""Dagster, and nothing else of gongkai: thin adapters around `pipelines.steps`.

Belongs here: assets, checks, jobs, schedules, resources. Does not: anything that could be tested without Dagster.
"""
