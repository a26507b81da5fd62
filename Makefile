# Short names for what CONTRIBUTING.md describes. Everything a change must pass
# is in .ci/run.

build: ## the command, in bin/
	go build -o bin/segql ./cmd/segql

test:
	go test ./...

ci: ## tests, lint, race, fuzz, other systems, examples
	.ci/run

# How long checking, linting, testing and running take, the last beside
# hand-written SQL: make bench ARGS="--json --runs 5 --only project"
bench:
	go run ./examples/bench $(ARGS)
	cd examples/bench/cel && go run .

.PHONY: build test ci bench
