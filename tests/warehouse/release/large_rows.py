"""The cities, years and sizes of the large release that tests read from afar."""

CITIES = tuple(f"city{letter}-{code}" for code, letter in enumerate("abcdefghijklmnopqrst", 100000))
YEARS = range(2010, 2026)
EACH = 400
"""Rows of each city and year in the large release."""
