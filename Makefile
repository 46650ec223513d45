# `make help` lists the targets. make itself ends with 2 whenever a command fails; the harness's own exit code
# (1 fail, 2 inconclusive, 3 environment, ...) is printed on the last line, and `.venv/bin/gameday run ...` returns it.

PACE ?= 20# how much policy time is compressed; 1 is production time
JOBS ?= auto# stacks side by side; auto: as many as this machine has room for
SECONDS ?= 600# how long make fuzz runs
RUNS ?= 14# how many runs make chaos-self injures; 14: each injury once
ENV ?=# variables for the stack, such as ENV=DEFECT=no_breaker
PYTEST ?=# more words for pytest, such as PYTEST="-k doctor -x"
# `make test` has two halves, and what PYTEST selects may be in one of them: pytest ends with 5 in the other.
OR_NONE_SELECTED = || { [ $$? = 5 ] && [ -n "$$PYTEST" ]; }
PROMETHEUS := prom/prometheus:v2.53.3
ALERTMANAGER := prom/alertmanager:v0.28.1

BIN := .venv/bin
GAMEDAY := $(BIN)/gameday
ON_ENGINE := $(BIN)/python -m chaos.setup.with_engine# docker finds the engine that gameday uses

.DEFAULT_GOAL := help
.PHONY: help gameday gameday-test post-mortem on-call-schedule runbook-test incident-detect incident-report incident-simulate incident-test setup doctor images chaos chaos-self matrix resilience weekly dr-drill validate test test-quick lint typecheck floors workflows rules fuzz bench clean lock

help: ## list every target
	@awk 'BEGIN {FS = ":.*## "} /^[a-z%-]+:.*## / {printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "  PACE=$(PACE) JOBS=$(JOBS) ENV=NAME=VALUE change a run, for example: make chaos-pms PACE=1 ENV=DEFECT=no_breaker"

setup: ## install the environment, the engine and the images; a second run only checks them
	@PYTHON="$(PYTHON)" bootstrap/venv.sh
	@$(GAMEDAY) doctor --fix --quiet
	@$(GAMEDAY) images

doctor: ## what this machine lacks, and how to fix it
	@PYTHON="$(PYTHON)" bootstrap/venv.sh
	@$(GAMEDAY) doctor

images: ## choose where images come from (IMAGE_SOURCE=registry|build|auto)
	@PYTHON="$(PYTHON)" bootstrap/venv.sh
	@$(GAMEDAY) images --source $(or $(IMAGE_SOURCE),auto)

# Every folder under scenarios/ but the drill, which has a report of its own (make dr-drill), and the game days.
SUITES = $(filter-out drill gameday,$(notdir $(wildcard scenarios/*)))
run_suites = $(GAMEDAY) run $(1) --pace $(PACE) --jobs $(JOBS) --rerun-inconclusive $(addprefix --env ,$(ENV)) || \
	  { code=$$?; echo "gameday run ended with exit code $$code" >&2; exit $$code; }

chaos: setup ## run all suites, one summary page over all reports
	@$(call run_suites,$(addprefix scenarios/,$(SUITES)))

chaos-pms: ## run the PMS suite: reports under reports/
chaos-database: ## run the database suite
chaos-service: ## run the service suite: the API crashes, hangs, leaks, answers errors
chaos-network: ## run the network suite: partitions, slow and broken links
chaos-redis: ## run the Redis suite
chaos-latency: ## run the latency suite: the NLP engine is slow, or gone
chaos-booking: ## run the booking suite: WhatsApp, payments, calendars
chaos-combined: ## run the combined suite: the database and Redis at once
chaos-detection: ## run the detection suite: Prometheus, Alertmanager and an exporter are started again
chaos-traffic: ## run the traffic suite: one client sends too much, and many send more than usual
chaos-%: setup ## run any suite: a folder under scenarios/
	@test -d scenarios/$* || { echo "no suite scenarios/$*; there are: $(SUITES) drill" >&2; exit 4; }
	@$(call run_suites,scenarios/$*)

gameday: setup ## host the two-hour game day: live pages on 127.0.0.1; PACE=1 for the real one, DAY=FILE for your own
	@$(GAMEDAY) host $(or $(DAY),scenarios/gameday/two-hours.yaml) --pace $(PACE)

gameday-test: setup ## play the whole two-hour day at pace 20 on the real stack in two browsers; takes about eight minutes
	@bootstrap/browser.sh
	@$(BIN)/python -m pytest tests/browser/whole_day.py $(PYTEST)

on-call-schedule: ## who is on call, and the next eight weeks: ON_CALL=FILE for your own
	@PYTHON="$(PYTHON)" bootstrap/venv.sh
	@$(GAMEDAY) on-call "$${ON_CALL:-fixtures/on-call.yaml}" --weeks 8

on-call-schedule: override export ON_CALL := $(value ON_CALL)

post-mortem: ## write the post-mortem of OF=folder of a run or game day, or incident number; optional TITLE=, OWNER=
	@test -n "$$OF" || { echo "make post-mortem OF=reports/RUN, or OF=INC-20261127-001 (gameday incidents lists them)" >&2; exit 4; }
	@PYTHON="$(PYTHON)" bootstrap/venv.sh
	@$(GAMEDAY) post-mortem "$$OF" $${TITLE:+--title "$$TITLE"} $${OWNER:+--owner "$$OWNER"}

# override: also a value from make's own command line is handed on as it stands.
post-mortem: override export OF := $(value OF)
post-mortem: override export TITLE := $(value TITLE)
post-mortem: override export OWNER := $(value OWNER)

chaos-self: setup ## fault injection on gameday itself: RUNS=60; the table is docs/self-chaos.md
	@$(BIN)/python -m tests.self_chaos --runs $(RUNS)

matrix: setup ## refusing, hanging and slow applications against every kind of promise; the table is docs/matrix.md
	@$(BIN)/python -m tests.stack.matrix

resilience: ## all suites, then the regression gate: what CI runs every night
	@.ci/scheduled resilience

weekly: ## every backup validated, and restored into scratch space: what CI runs every week
	@.ci/scheduled weekly

dr-drill: ## the disaster-recovery drill, scored: SCENARIO=file or name runs one scenario of it
	@.ci/scheduled dr-drill

# These values are passed in the environment, unexpanded: a value may come from a form, and make would run a
# $(shell ...) in it.
resilience weekly dr-drill: override export PACE := $(value PACE)
resilience weekly dr-drill: override export JOBS := $(value JOBS)
resilience weekly dr-drill: override export VARIABLES := $(value ENV)
resilience weekly dr-drill: override export ENV := $(value ENV)
resilience weekly dr-drill: override export SCENARIO := $(value SCENARIO)

incident-detect: ## open and resolve incidents from the alerts of PROMETHEUS_URL; INTERVAL=30s repeats it
	@PYTHON="$(PYTHON)" bootstrap/venv.sh
	@$(GAMEDAY) detect $${PROMETHEUS_URL:+--prometheus "$$PROMETHEUS_URL"} $${INTERVAL:+--interval "$$INTERVAL"}

incident-report: ## MTTD, MTTR, frequency, recurring alerts, accuracy: pages under reports/incidents/
	@PYTHON="$(PYTHON)" bootstrap/venv.sh
	@$(GAMEDAY) incidents --into reports/incidents

incident-simulate: setup ## cause incidents as drills: INCIDENT=database-down|high-latency|high-error-rate|circuit-breaker-open|all
	@case "$$INCIDENT" in \
	  database-down) set -- scenarios/database/database-down.yaml ;; \
	  high-latency) set -- scenarios/latency/nlp-delay.yaml ;; \
	  high-error-rate) set -- scenarios/service/error-burst.yaml ;; \
	  circuit-breaker-open) set -- scenarios/pms/pms-down.yaml ;; \
	  all|"") set -- scenarios/database/database-down.yaml scenarios/latency/nlp-delay.yaml scenarios/service/error-burst.yaml scenarios/pms/pms-down.yaml ;; \
	  *) echo "INCIDENT=$$INCIDENT: expected database-down, high-latency, high-error-rate, circuit-breaker-open or all" >&2; exit 4 ;; \
	esac; $(GAMEDAY) run "$$@" --incidents --pace $(PACE) --jobs $(JOBS)

runbook-test: setup ## every command of the runbooks, run in a stack with that fault (CI runs those of ten faults)
	@RUNBOOKS=all $(BIN)/python -m pytest tests/stack/test_runbooks.py $(PYTEST)

incident-test: ## the tests of the incident detector, its store and its report
	@PYTHON="$(PYTHON)" bootstrap/venv.sh
	@$(BIN)/python -m pytest tests/unit/incidents tests/unit/app/test_detector.py tests/unit/adapters/test_alert_history.py $(PYTEST)

# These values are passed in the environment, because make would run a $(shell ...) in them.
incident-detect: override export PROMETHEUS_URL := $(value PROMETHEUS_URL)
incident-detect: override export INTERVAL := $(value INTERVAL)
incident-simulate: override export INCIDENT := $(value INCIDENT)

validate: ## check every scenario and stack file; needs no engine
	@PYTHON="$(PYTHON)" bootstrap/venv.sh
	@$(GAMEDAY) validate scenarios examples/counter

test: setup lint ## everything: lint, types, floors, rules, and all tests
	@bootstrap/browser.sh
	@$(BIN)/python -m pytest -n 2 --dist loadfile -m "not containers" $(PYTEST) $(OR_NONE_SELECTED)
	@$(BIN)/python -m pytest -m containers $(PYTEST) $(OR_NONE_SELECTED)

test-quick: ## the tests that need no engine, no browser and little time
	@PYTHON="$(PYTHON)" bootstrap/venv.sh
	@$(BIN)/python -m pytest -n 2 --dist loadfile -m "not containers and not browser and not processes and not thorough" $(PYTEST)

lint: typecheck floors workflows ## style, types, floors, workflow files, detection rules
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(MAKE) --no-print-directory rules

typecheck: ## mypy --strict
	@PYTHON="$(PYTHON)" bootstrap/venv.sh
	@$(BIN)/mypy

floors: ## check which module may import which
	@PYTHON="$(PYTHON)" bootstrap/venv.sh
	@$(BIN)/lint-imports

workflows: ## CI's workflow files: their schema, and what would be unsafe in them
	@PYTHON="$(PYTHON)" bootstrap/venv.sh
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-workflows $(wildcard .github/workflows/*.yml)
	@$(BIN)/zizmor --offline --no-progress --quiet .github/workflows

rules: ## promtool on the detection rules and their tests, amtool on the routing
	@$(ON_ENGINE) true
	@$(ON_ENGINE) docker version >/dev/null 2>&1 || { \
	  echo "make rules: promtool runs in a container, and no Docker engine answers (make doctor says what to do)" >&2; exit 3; }
	@$(ON_ENGINE) docker run --rm --network none -v "$(CURDIR)/stack/prometheus:/rules:ro" -w /rules --entrypoint promtool $(PROMETHEUS) \
	  check rules rules.yml rules-runbooks.yml rules-monitoring.yml
	@$(ON_ENGINE) docker run --rm --network none -v "$(CURDIR)/stack/prometheus:/rules:ro" -w /rules --entrypoint promtool $(PROMETHEUS) \
	  test rules $(patsubst stack/prometheus/%,%,$(wildcard stack/prometheus/tests/*.yml))
	@$(ON_ENGINE) docker run --rm --network none -v "$(CURDIR)/stack/alertmanager:/am:ro" -w /am --entrypoint amtool $(ALERTMANAGER) \
	  check-config alertmanager.yml

fuzz: ## coverage-guided fuzzing of the loader and of the readers for SECONDS=600
	@PYTHON="$(PYTHON)" bootstrap/venv.sh
	@$(BIN)/python -m tests.fuzz --seconds $(SECONDS)

bench: setup ## what the harness itself costs, beside its peers
	@$(BIN)/python -m bench

clean: ## remove whatever a run left behind
	@$(GAMEDAY) clean

lock: ## write the lock files from pyproject.toml
	@bootstrap/lock.sh
