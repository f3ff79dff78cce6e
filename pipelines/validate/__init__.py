"""From recognised reports to validated tables: structure by pandera, figures by the rules, set-wise.

Belongs here: building the contract's frames, judging them, turning what does not hold into findings or, for a
structural failure, into a quarantined document. Does not: changing a figure.
"""
