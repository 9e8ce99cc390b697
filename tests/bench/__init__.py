"""Benchmarks: `make bench`. Ratios beside a bare responder on the same HTTP server tell, not the absolutes."""
