"""Who may do what with results of auctions. The app loads this module when it is ready."""
