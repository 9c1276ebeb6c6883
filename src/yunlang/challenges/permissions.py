"""Who may do what with calls, nominations, challenges and reviews. The app loads this module when it is ready."""
