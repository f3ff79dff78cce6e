"""Web pages: from bytes to paragraphs and tables, every cell with its element path.

`page` is the way in; `content` says which part of a page is the document, `walk` goes through it, `boxes`, `styles` and
`tables` tell what is a table and where its cells stand, `items` is what they hand on. Belongs here: markup. Does not:
fetching (`pipelines.fetch`), what a table says (`pipelines.recognise`).
"""
