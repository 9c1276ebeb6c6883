"""The steps that turn the shared source data and the hand-written tables into the demo corridor's files."""
