"""What every service is given: Call, errors, ARNs, ids, clock, paging, tags, jobs."""
