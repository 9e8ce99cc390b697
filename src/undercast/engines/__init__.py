"""Small pure languages: they do no I/O, know no service, and keep nothing but caches.

Those that evaluate by recursion (JSONata takes about eight of Python's frames for each node) need more of it than Python
gives. The limit is the process's, not a thread's, so it is set once: an evaluation that set it for itself and back again
would take the room from another thread's. A thread's usual stack of 8 MB holds 9,500 calls of the kinds that use the most
of it (tests/engines/jsonata/test_threads.py).
"""

import sys

PYTHON_FRAMES = 9_000
sys.setrecursionlimit(max(sys.getrecursionlimit(), PYTHON_FRAMES))
