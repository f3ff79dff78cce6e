"""The characters and lines of a PDF's pages as pdfium reads them, in the form that pdfplumber has them.

pdfplumber reads with pdfminer, in Python: nine tenths of the time that a report takes. pdfium is what Chrome reads
PDFs with, and gives the same characters, lines and rectangles. Of a text that it does not tell in full, the string in
the page's content is read besides; where that is not clear either, the page is left to pdfminer. So the readings are
equal, and a test compares them.

Belongs here: what lies on a page (`page` is the way in). Does not: what it is (`pipelines.read.pdf`), what a font or a
string says of itself (`pipelines.read.pdf.fonts`, `pipelines.read.pdf.strings`).
"""
