"""How fast it is, as measured on the machine at hand: `make bench`, or `python -m tests.bench`.

Here lie measurements and how they are shown; no test. `readers` measures reading, document by document, against the
least it can take and against other tools. What is measured is a list of `measured.Measured`; `report` prints any such
list, and writes it as JSON, Markdown and a plot. `__main__` joins the parts.
"""
