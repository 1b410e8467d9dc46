"""The report: a page that shows a run, or any trace files, with every proof to read."""
