"""The auction engine as a library: terms, commands, events, and a state that only events change.

A lot begins with `engine.listed`; `engine.decide` answers a command with events or with a refusal; `engine.apply`
makes the next state of a state and an event, `engine.replayed` makes it of all events. `journal` writes events as plain
values, `tallies` counts lots together.
"""
