"""The registry's pages for people, one subject a file. Every view asks `require` before it shows or does anything."""
