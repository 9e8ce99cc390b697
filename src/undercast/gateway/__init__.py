"""HTTP in and out: which service, which operation, who calls; the steps around every operation."""
