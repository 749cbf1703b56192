"""The report of a case: every sentence leads back to the evidence.

`content.ReportContent` (plain data) is worded once into `blocks` by `compose`, and rendered from
them: `html`, `pdf`. `write` does all of it.
"""
