# make demo   set up, start the platform, deploy examples/insurance, drive it, show what happened
# make test   set up and run all tests        make check   lint and types
# make bench  measure                          make docs    write docs/services.md anew

PYTHON = .venv/bin/python
unexport PYTHONDONTWRITEBYTECODE # or each of the many processes that tests start would compile everything again

.PHONY: demo test check bench docs lock clean

demo: .venv/run
	@$(PYTHON) -m examples.insurance.demo $(DEMO)

test: .venv/dev
	@$(PYTHON) -m pytest -n auto --dist worksteal $(TESTS)

check: .venv/dev
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy
	@$(PYTHON) tools/services_doc.py --check

bench: .venv/dev
	@$(PYTHON) -m tests.bench $(BENCH)

docs: .venv/dev
	@$(PYTHON) tools/services_doc.py

# The environment: `run` is what the platform needs, `dev` adds what the tests need. Versions come from the lock files.
.venv/run: requirements/run.lock pyproject.toml
	@tools/install run

.venv/dev: requirements/dev.lock pyproject.toml
	@tools/install dev

lock: .venv/dev
	@tools/lock

clean:
	rm -rf .venv .undercast
