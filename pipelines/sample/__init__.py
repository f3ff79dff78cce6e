"""The embedded sample: twelve reports of six cities, served on loopback to show the whole at work.

The figures are those of published reports, in `figures/`, each with where it comes from. The prose is ours,
in `prose/`. `python -m pipelines.sample.build` makes the documents of `site/` from both;
`pipelines.sample.site` serves them.
"""
