"""Tables whose cells no rule parts: from words that stand in rows and columns to grids.

Belongs here: which words of a page are a table, its columns by the gaps between words, its rows by the figures.
Does not: what the table says (a figure is what looks like one), ruled tables (`pipelines.read.ruling`). `tables` is
the way in; `words`, `rules`, `regions`, `blocks`, `headings`, `columns`, `rows` and `cells` follow one another.

The figures carry the rows: each row of a table has some, on one height, while its label may be several lines, or
be one line among the lines of others. Above them stand the headings, whose lowest line names the columns.
"""
