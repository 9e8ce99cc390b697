"""What runs on the function's side: the nursery that forks environments, and the runtimes for Python and Node.js."""
