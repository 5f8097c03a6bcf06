# PigonAir. `make` alone shows what there is.
.DEFAULT_GOAL := help
SHELL := /bin/bash
TOOL := CGO_ENABLED=0 go tool -modfile=tools/go.mod
PACKAGES := ./...

.PHONY: help run test soak bench screenshots lint generate check-generated build clean

help: ## Show this help
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

## Use it

run: build ## Start everything on this machine and open the shop; Ctrl-C stops it
	@exec bin/pigonair demo $(ARGS)

build: ## Build bin/pigonair
	@CGO_ENABLED=0 go build -trimpath -o bin/pigonair ./cmd/pigonair

clean: ## Remove what was built, and the private servers' data
	@rm -rf bin .pigonair

## Check it

test: ## Run all tests, with the race detector, against real private servers
	@tools/need-gcc
	@go test -race -timeout 15m $(PACKAGES)
	@go test -tags unsafe_lab -run TestNoneSellsTwice ./booking

soak: ## Run the long proofs whole
	@tools/need-gcc
	@PIGONAIR_SOAK=1 go test -race -timeout 3h $(PACKAGES)

bench: build ## Measure; prints a table and writes bench.json
	@bin/pigonair lab bench $(ARGS)

screenshots: ## Take pictures of every page into docs/screenshots
	@tools/need-gcc
	@PIGONAIR_SCREENSHOTS=1 go test -count=1 -timeout 20m -run TestScreenshots ./acceptance

lint: check-generated ## gofmt, vet, staticcheck, generated code up to date
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); test -z "$$unformatted" || { echo "not formatted: $$unformatted"; exit 1; }
	@go vet $(PACKAGES)
	@go vet -tags unsafe_lab ./booking ./db
	@$(TOOL) staticcheck $(PACKAGES)

## Change it

generate: ## Generate db from db/query and views from *.templ
	@$(TOOL) sqlc generate
	@$(TOOL) templ generate -log-level error

check-generated:
	@$(TOOL) sqlc diff
	@before=$$(git ls-files -s -- '*_templ.go' | git hash-object --stdin; cat $$(git ls-files '*_templ.go') | sha256sum); \
	$(TOOL) templ generate -log-level error; \
	after=$$(git ls-files -s -- '*_templ.go' | git hash-object --stdin; cat $$(git ls-files '*_templ.go') | sha256sum); \
	test "$$before" = "$$after" || { echo "views are stale: run make generate"; exit 1; }
