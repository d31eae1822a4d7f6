# Everything a fresh Debian 12 machine needs to try and to test Quorate. See README.md.
.PHONY: demo test check build lab-packages clean
.DEFAULT_GOAL := build

INSTALLED := node_modules/.installed
BUNDLE := build/quorate.js

$(INSTALLED): package.json package-lock.json
	npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(BUNDLE): $(INSTALLED) rolldown.config.ts package.json $(shell find src scripts -name '*.ts')
	@npm run --silent build

build: $(BUNDLE)

# The main job on the embedded stand-in: no root, no PostgreSQL.
demo: $(BUNDLE)
	@scripts/demo.sh

# Everything, with real clusters where the machine allows. The last line counts what ran.
test: $(INSTALLED)
	@node scripts/test.mjs

# What an editor would say: format, lint, types and the quick tests.
check: $(INSTALLED)
	@npm run --silent check

# PostgreSQL 15, etcd and Patroni 3.0, 4.0, 4.1 for `quorate lab` (root on Debian 12).
lab-packages:
	scripts/lab-packages.sh

clean:
	rm -rf build coverage node_modules
