"""PDFs: from bytes to paragraphs and tables, every cell with its page and box.

`document` is the way in; `objects`, `fonts` and `strings` are what a file says of itself, `pdfium` what is drawn on its
pages, `rules` which of that may rule a table, `pictures` how much of a page is one. Belongs here: the format. Does not:
what characters and lines amount to (`pipelines.read.drawn`, `pipelines.read.ruling`, `pipelines.read.pages`), tables
without rules (`pipelines.read.aligned`), scans (`pipelines.read.scan`).
"""
