"""Who may do what with sales of auctions. The app loads this module when it is ready."""
