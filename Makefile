# Short names for what CONTRIBUTING.md describes. Everything a change must pass
# is in .ci/run.

build: ## the command, in bin/
	go build -o bin/segql ./cmd/segql

test:
	go test ./...

ci: ## tests, lint, race, fuzz, other systems, examples
	.ci/run

# segql beside one hand-written SQL per segment; docs/performance.md says how to
# read it: make bench ARGS="--customers 100_000 --segments 10,50"
bench:
	go run ./cmd/segql bench $(ARGS)

# How long checking, linting, testing and running take, the last on the retail
# data: make bench-parts ARGS="--json --runs 5 --only project"
bench-parts:
	go run ./examples/bench $(ARGS)
	cd examples/bench/cel && go run .

.PHONY: build test ci bench bench-parts
