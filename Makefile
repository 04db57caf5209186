# Everything a person or the CI does with this tree. `make help` lists it.
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: help setup setup-tests build fuzz bench bench-engine bench-local bench-postgres load chaos soak failover failpoints demo demo-stop test services services-stop verify verify-deep fix clean fuzz-engine simulate simulate-compare planted states

PRESET ?= dev
# all, or programs: what a person runs, without the tests
TARGET ?= all
JOBS ?= $(shell nproc)
# Extra words for ctest, as the shell reads them: make test CTEST="-R '^(dev|style)'"
CTEST ?=
SECONDS ?= 60
SEEDS ?= 100
COUNT ?= 50
FIRST_SEED ?= 1
SEED ?= $(shell date +%s)
DEMO_FOLDER ?= .run/demo
TEST_FOLDER ?= .run/test
TEST_PORTS ?= 28000-28999
TEST_CLUSTER = python3 deploy/dev/cluster.py --folder $(TEST_FOLDER)
# What a sanitizer's build reports stays in the folder.
WATCHED = $(if $(filter asan tsan,$(PRESET)),python3 -B tests/sanitizers/watched.py .run/reports-$(PRESET))

help:  ## this list
	@awk -F ':.*## +' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup:  ## install by name what is missing: Debian packages, Kafka's jars
	@deploy/setup/packages.sh
	@deploy/setup/kafka.sh

setup-tests: setup  ## … and TaskFlow's own client for the interop test
	@deploy/setup/python.sh

build: setup  ## compile everything; PRESET=dev (default), release, asan or tsan
	@cmake --preset $(PRESET) -Wno-dev --log-level=WARNING
	@cmake --build --preset $(PRESET) -j $(JOBS) --target $(TARGET)

demo:  ## the whole of Baton on this machine: a cluster of five nodes is made, live; it stays up to look around
	@$(MAKE) build PRESET=release TARGET=programs
	@python3 -B deploy/dev/demo.py --folder $(DEMO_FOLDER)

bench:  ## figures of W1 to W4 on servers of its own, with what a task costs; WORKLOADS="W1 W2" picks some
	@$(MAKE) build PRESET=release TARGET=programs
	@python3 -B deploy/dev/cluster.py --folder .run/bench --ports $(TEST_PORTS) --jvm warm run -- \
	  python3 -B bench/run.py --services .run/bench/services.json $(WORKLOADS)

bench-engine:  ## what the engine costs from 100 to 1,000,000 atoms, beside TaskFlow's; fails where a bar is missed; SHAPES="wide deep" picks some
	@deploy/setup/python.sh
	@$(MAKE) build PRESET=release TARGET=engine_bench
	@python3 -B bench/engine_curve.py --engine-bench build/release/bin/engine_bench \
	  --taskflow-python "$$(deploy/setup/python.sh path)/bin/python" $(if $(SHAPES),--shapes $(SHAPES))

bench-local:  ## what local mode costs: memory, state file, `baton run`; fails where a bar is missed
	@$(MAKE) build PRESET=release TARGET="baton local_bench"
	@python3 -B bench/local.py --build build/release

bench-postgres:  ## how Postgres bears a million atoms: longest transaction, updates in place, sizes, log; fails where a bar is missed; ATOMS=1000000
	@$(MAKE) build PRESET=release TARGET=programs
	@python3 -B deploy/dev/cluster.py --folder .run/bench --ports $(TEST_PORTS) --jvm warm run -- \
	  python3 -B bench/postgres.py --services .run/bench/services.json $(if $(ATOMS),--atoms $(ATOMS))

load:  ## 20,000 posted jobs, 100,000 on a board of shards, one flow of 50,000 tasks; judged; LOADS="backlog sharded wide" picks some
	@$(MAKE) build PRESET=release TARGET=programs
	@python3 -B deploy/dev/cluster.py --folder .run/bench --ports $(TEST_PORTS) --jvm warm run -- \
	  python3 -B bench/load.py --services .run/bench/services.json $(LOADS)

failpoints: setup-tests  ## kill -9 at every commit, send and receipt of a cluster and of its undoing, one after the other
	@$(MAKE) build PRESET=release TARGET="programs delete_topics"
	@BATON_FAILPOINTS=all BATON_BUILD=build/release $(TEST_CLUSTER) --ports $(TEST_PORTS) --jvm quick run -- \
	  python3 -B tests/end_to_end/test_failpoints.py

chaos:  ## kill, stop, cut off and restart daemons and servers under load, then check every promise; MINUTES=2 SEED=now
	@$(MAKE) build PRESET=release TARGET=programs
	@python3 -B tests/chaos/chaos.py --minutes $(or $(MINUTES),2) --seed $(SEED)

soak:  ## hours under moderate load: memory, files, sessions, partitions and tables must not grow; HOURS=1 (whole ones) or MINUTES=3, SEED=now
	@$(MAKE) build PRESET=release TARGET=programs
	@python3 -B tests/chaos/soak.py --minutes $(or $(MINUTES),$(shell echo $$(($(or $(HOURS),1) * 60)))) --seed $(SEED)

failover:  ## how long until others go on when a daemon dies, a host is lost, a conductor is told to go; COUNT=50 of each
	@$(MAKE) build PRESET=release TARGET=programs
	@python3 -B deploy/dev/cluster.py --folder .run/bench --ports $(TEST_PORTS) --jvm quick run -- \
	  python3 -B bench/failover.py --services .run/bench/services.json --count $(COUNT)

fuzz: setup  ## any bytes to every reader of bytes from outside, by libFuzzer; MINUTES=5 each, TARGETS="postings …" picks some, TAKE=1 keeps what reached more
	@deploy/setup/packages.sh packages-fuzz.txt
	@cmake --preset fuzz -Wno-dev --log-level=WARNING
	@cmake --build --preset fuzz -j $(JOBS) --target fuzz_targets
	@python3 -B tests/fuzz/bytes.py --targets build/fuzz/fuzz --keep .run/fuzz --minutes $(or $(MINUTES),5) $(if $(TAKE),--take) $(TARGETS)

fuzz-engine:  ## random flows against semantics.md and against what must always hold; SECONDS=60 SEED=now; failures are kept in .run/fuzz
	@$(MAKE) build PRESET=$(PRESET) TARGET="conformance_runner engine_walks"
	@status=0; half=$$(($(SECONDS) / 2)); \
	python3 -B tests/fuzz/differential.py --runner build/$(PRESET)/bin/conformance_runner --keep .run/fuzz \
	  --seconds $$half --seed $(SEED) || status=1; \
	python3 -B tests/fuzz/walks.py --walks build/$(PRESET)/bin/engine_walks --keep .run/fuzz \
	  --seconds $$half --seed $(SEED) || status=1; exit $$status

simulate:  ## the whole cluster in virtual time under faults; SEEDS=100 FIRST_SEED=1; SEED=k prints that one's trace
	@$(MAKE) build PRESET=release TARGET=simulate
	@build/release/bin/simulate $(if $(filter command environment,$(firstword $(origin SEED))),--seed $(SEED),--seeds $(SEEDS) --first-seed $(FIRST_SEED) --cpu-ms-max 250)

simulate-compare:  ## one seed is one run: the dev and the release build print the same traces
	@$(MAKE) build PRESET=dev TARGET=simulate
	@$(MAKE) build PRESET=release TARGET=simulate
	@python3 -B tests/simulation/compare_traces.py build/dev/bin/simulate build/release/bin/simulate

planted:  ## does the simulator catch bugs? simulators with a fault in them, until a checker speaks; FAULTS="fence_off …" picks some
	@$(MAKE) build PRESET=release TARGET="simulate $(or $(FAULTS:%=simulate_%),planted)"
	@python3 -B tests/simulation/planted/catch.py --variants build/release/bin/planted --simulate build/release/bin/simulate \
	  $(if $(FAULTS),--only $(FAULTS),--readme tests/simulation/README.md)

states:  ## draw docs/states.md again from the engine's tables
	@$(MAKE) build PRESET=$(PRESET) TARGET=engine_tests
	@BATON_REWRITE=1 build/$(PRESET)/tests/engine_tests "the picture of the states is that of the tables"

demo-stop:  ## stop the demo and remove its data
	@python3 -B deploy/dev/demo.py --folder $(DEMO_FOLDER) stop

test: setup-tests  ## build and run every test on servers of its own; CTEST="-R board" picks some; PRESET=asan, tsan
	@$(MAKE) build
	@$(TEST_CLUSTER) --ports $(TEST_PORTS) --jvm quick run -- $(WATCHED) ctest --test-dir build/$(PRESET) --output-on-failure -j 2 $(CTEST)

verify-deep:  ## every test under ASan and UBSan, then under TSan; fails also where a daemon was reported that no test looked at
	@status=0; for preset in asan tsan; do $(MAKE) test PRESET=$$preset || status=1; done; exit $$status

verify: setup  ## look at the tree and change nothing: layout, include directions, coroutine traps, sizes, README, units
	@python3 -B tests/style/verify.py

fix:  ## let clang-format lay the C++ out
	@git ls-files -z --cached --others --exclude-standard '*.cc' '*.h' | xargs -0 -r clang-format-14 -i --style=file

services: setup  ## keep the tests' servers up between runs of make test or ctest
	@$(TEST_CLUSTER) --ports $(TEST_PORTS) --jvm quick up
	@echo "export BATON_TEST_SERVICES=$(abspath $(TEST_FOLDER))/services.json"

services-stop:  ## stop them and remove their data
	@$(TEST_CLUSTER) down --wipe

clean: services-stop  ## remove what was built and what the tests' servers left
	rm -rf build $(TEST_FOLDER)
