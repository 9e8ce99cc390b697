"""How deep Python may call: set once, for the process, by importing this.

Evaluating by recursion (JSONata takes about eight of Python's frames for each node) and reading what a client nests a
thousand deep need more frames than Python gives. The limit is the process's, not a thread's: an evaluation that set it for
itself and back again would take the room from another thread's. A thread's usual stack of 8 MB holds 9,500 calls of the
kinds that use the most of it (tests/engines/jsonata/test_threads.py).
"""

import sys

PYTHON_FRAMES = 9_000
sys.setrecursionlimit(max(sys.getrecursionlimit(), PYTHON_FRAMES))
