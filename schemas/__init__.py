"""What the data means: tables, codes, forms, rules and divisions, as declarations.

Belongs here: names, types, labels, units, the statutory forms and their arithmetic. Does not: reading or
writing anything but the package's own data files, and Dagster.
"""
