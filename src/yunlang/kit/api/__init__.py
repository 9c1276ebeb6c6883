"""What every part of the REST API shares: problem details, cursors, limits, the OpenAPI document."""
