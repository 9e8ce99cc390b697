"""The web console: files for the browser, which is one more client of the public API, and a stream of what changed."""
