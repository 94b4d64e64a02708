# The two commands: `make demo` runs the main job, `make test` all tests. `make` alone lists the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SECONDS ?= 60
MINUTES ?= 10
RUNS ?= 1000
KILLS ?= 40
DEVICE ?= cuda
TOOLKIT := tests/shared/renga_schema tests/fuzz tests/house
# Seconds of outages, leases and redeliveries in which nothing is computed: the other lanes have the cores meanwhile.
LIBRARY := tests/shared/renga tests/shared/renga_infer
# Terraform, which waits for providers, and they for what they ask; half of the time nothing is computed.
WAITING := tests/terraform
ENGINE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/renga/engine
ONENODE := PYTHONPATH=tests/support $(BIN)/python -m onenode
# kubectl comes with it.
KUBECTL := PATH="$$PATH:$(ENGINE)/dist/bin"
ON_ENGINE := $(KUBECTL) RENGA_ENGINE=$(ENGINE)/state $(BIN)/python
EXTRAS := schema,sql,redis,pubsub,framework,infer-server,infer-client,infer-rows,infer-grpc,terraform,dev,test

.DEFAULT_GOAL := help
.PHONY: help install demo test terraform-test engine-up engine-test engine-bench engine-down engine-all lint bench bench-device load faults fuzz generate clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 16

install: $(VENV)/installed ## make the environment in .venv

$(VENV)/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[$(EXTRAS)]'
	touch $@

demo: install ## bring the functions up at zero, hand in examples/shop.sql, show the run, stop
	$(BIN)/renga demo

test: install ## run every test, in four lanes at once; each prints what it did when it ends
	$(MAKE) --no-print-directory --jobs=4 --output-sync=target test-waiting test-toolkit test-platform test-library

test-toolkit: install
	$(BIN)/python -m pytest $(TOOLKIT)

test-platform: install
	$(BIN)/python -m pytest tests $(addprefix --ignore=,$(TOOLKIT) $(LIBRARY) $(WAITING))

test-library: install
	$(BIN)/python -m pytest $(LIBRARY)

test-waiting: install
	$(BIN)/python -m pytest $(WAITING)

terraform-test: install ## the tests of terraform/ alone; none of them needs a cloud
	$(BIN)/python -m pytest tests/terraform

engine-up: install ## a real Kubernetes and Knative on this machine, as root; building it, once, takes ten minutes
	$(ONENODE) build
	$(ONENODE) up

engine-test: install ## deploy this project there, or to the cluster of KUBECONFIG, and hold it against the laptop
	$(KUBECTL) RENGA_ENGINE="$${RENGA_ENGINE:-$${KUBECONFIG:-$(ENGINE)/state}}" $(BIN)/python -m pytest tests/engine

engine-bench: install ## what it costs there: cold and warm, part by part, beside named peers
	$(ON_ENGINE) -m pytest -m benchmark -s tests/benchmarks/bench_engine.py

engine-down: install ## end it; nothing of it stays on this machine but what was built
	$(ONENODE) down

engine-all: install ## build, see that it goes without a trace, bring it up, test there, end it
	@[ ! -e $(ENGINE)/state ] || { echo "$(ENGINE)/state is somebody's: make engine-down ends it." >&2; exit 1; }
	$(ONENODE) build
	RENGA_ENGINE_DIST=$(ENGINE)/dist $(BIN)/python -m pytest tests/engine/test_life.py
	$(ONENODE) up && $(ON_ENGINE) -m pytest tests/engine; tested=$$?; $(ONENODE) down && exit $$tested

lint: install ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python -m mypy events shared tests

bench: install ## print ratios against named peers
	$(BIN)/python -m pytest -o python_files="bench_*.py" -m benchmark -s tests/benchmarks

bench-device: install ## the inference service on DEVICE, which torch names, as a page to commit; wants torch in .venv
	$(BIN)/python tests/benchmarks/infer_device.py --device $(DEVICE)

load: install ## the chain at its highest rate for MINUTES, then beside 10,000 idle connections
	$(BIN)/python tests/benchmarks/load.py --minutes $(MINUTES)

faults: install ## RUNS runs of the chain, each with the faults of its seed; then KILLS deaths of the inference service
	$(BIN)/python tests/faults/longer.py --runs $(RUNS)
	$(BIN)/python tests/faults/longer_inference.py --kills $(KILLS)

fuzz: install ## fuzz every reader for SECONDS each (make fuzz SECONDS=600); TARGETS picks some
	$(BIN)/python tests/fuzz/longer.py $(SECONDS) $(TARGETS)

generate: install ## write every generated file anew
	$(BIN)/renga wiring
	$(BIN)/python -m renga_schema.schemas
	$(BIN)/python -m renga_dev.parity > docs/knative.md
	$(BIN)/python -m renga_dev.terraform
	$(BIN)/python -m renga_dev.check.page > docs/check.md

clean: ## remove what was made
	rm -rf $(VENV) .renga out
