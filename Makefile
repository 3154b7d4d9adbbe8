# All there is to know: make run | serve | test | lint | docs | bench
PYTHON ?= python3
BOOTSTRAP := $(PYTHON) portal/site/bootstrap.py

.PHONY: run serve test lint types docs bench lock

run serve:
	@command -v $(PYTHON) >/dev/null || { echo "Python is missing: install Python 3.11 or newer (on Debian: apt install python3 python3-venv)."; exit 1; }
	@exec $(BOOTSTRAP) $@

test lint types docs bench:
	@command -v $(PYTHON) >/dev/null || { echo "Python is missing: install Python 3.11 or newer (on Debian: apt install python3 python3-venv)."; exit 1; }
	@exec $(BOOTSTRAP) $@

lock:
	@exec $(BOOTSTRAP) lock
