"""Random reports with known figures, as web pages and PDFs, for tests and for measuring accuracy.

`figures` makes what a report says and what a checker must find in it, `layouts` how its tables are set out and
worded, `html_documents` and `pdf_documents` the bytes. Everything follows from a kind and a seed.
"""
