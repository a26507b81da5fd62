# How long checking and running take, beside hand-written SQL:
# make bench ARGS="--json --runs 5"
bench:
	go run ./examples/bench $(ARGS)

.PHONY: bench
