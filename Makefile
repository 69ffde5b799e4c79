# PORT (8000), ODIN_HOME (./var), DEMO_PRINTERS, DATABASE_URL and REDIS_URL may be given to each of these:
#   make demo PORT=9000
.DEFAULT_GOAL := help
.PHONY: help demo run test check clean
PYTHON_HERE := .venv/bin/python
# One more than there are cores: one waits for prints of the running server most of its time.
WORKERS := $(shell n=$$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2); [ $$n -gt 7 ] && n=7; echo $$((n + 1)))

help:
	@echo "make demo    run O.D.I.N. with a farm of simulated printers"
	@echo "make run     run O.D.I.N."
	@echo "make test    run the tests (ARGS=... is passed to pytest)"
	@echo "make check   run the linters, the type checker and Django's checks"
	@echo "make clean   delete what was built, but no data: ODIN_HOME and var/ stay"

demo:
	@.ci/venv requirements.txt
	@exec $(PYTHON_HERE) -m odin_site.run --demo

run:
	@.ci/venv requirements.txt
	@exec $(PYTHON_HERE) -m odin_site.run

test:
	@.ci/venv requirements-dev.txt
	@exec $(PYTHON_HERE) -m pytest -n $(WORKERS) --dist loadgroup $(ARGS)

check:
	@.ci/venv requirements-dev.txt
	@exec .ci/check

clean:
	@rm -rf .venv .venv.log .cache .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .coverage htmlcov
	@find . -name __pycache__ -type d -not -path './var/*' -prune -exec rm -rf {} +
