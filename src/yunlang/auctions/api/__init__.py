"""The REST API of auctions."""
