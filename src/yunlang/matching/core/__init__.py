"""The matching engine: a library without Django; start at `store`, `pipeline` and `document`."""
