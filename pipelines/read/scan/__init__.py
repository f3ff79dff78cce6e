"""Reading pictures of pages: sheets, the way they lie, rules, cells and the text recognised in them.

Only this package imports OpenCV and the recognition engine, which are an optional extra; `pipelines.read.ocr` is the
way in, and is imported without them.
"""
