"""The live room's wire: streams of events for everybody who watches, bids at speed for who bids.

It stands before Django in each web process (`config.asgi`), because a stream stays open for hours and Django keeps a
thread for each request it answers.
"""
