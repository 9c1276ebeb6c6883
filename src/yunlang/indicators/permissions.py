"""Who may do what with indices and figures. The app loads this module when it is ready."""
