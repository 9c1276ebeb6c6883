"""The demo corridor's data: facts with their sources, made by ``scripts/build_demo_corridor.py`` or written by hand."""
