"""Tables in and out of the registry: one importer per kind of record, one way of running them."""
