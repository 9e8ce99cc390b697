"""SQLite and PostgreSQL behind one contract (`contract.py`), and files for what is large (`blobs.py`)."""
