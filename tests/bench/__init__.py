"""What `make bench` measures: corpora of generated reports, the readers, and the whole pipeline over them.

Belongs here: how fast. Does not: how right (`tests.generator.accuracy`).
"""
