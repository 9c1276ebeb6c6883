"""Documents on A4 for signing and keeping: blocks of text in, PDF/A out. Needs neither Django nor a network."""
