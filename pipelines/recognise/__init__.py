"""From grids and paragraphs to the contract's codes.

Belongs here: what a table, row, column, number or heading means, by label, group and order together. Does not:
how the document was read, and whether its figures agree (that is `pipelines.validate`).
"""
