# Pullcord: make demo shows it at work, make test proves it; both install what is missing.

SHELL := /bin/bash
.DEFAULT_GOAL := help

# What the build needs besides Swift 6.3, and what the tests run against besides that.
BUILD_PACKAGES := pkg-config libcurl4-openssl-dev libyaml-dev libjq-dev libsqlite3-dev libzstd-dev
TEST_PACKAGES := openssl python3 python3-pip
TOOLS := .build/tools

.PHONY: help demo test build bench lint format tools build-packages test-packages clean

help: ## Show what there is to make
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-9s %s\n", $$1, $$2 }'

demo: build ## Build, and watch an API that can only be polled send webhooks
	@.build/release/pullcord demo

build: build-packages ## Build .build/release/pullcord
	@echo "Building Pullcord in release mode; the first time takes some minutes."
	@swift build -c release --product pullcord

test: build-packages test-packages tools lint ## Check the style and run every test
	@swift build --build-tests
	@PATH="$(CURDIR)/$(TOOLS):$$PATH" PYTHONPATH="$(CURDIR)/$(TOOLS)/python" swift test --skip-build --disable-xctest

bench: build ## Measure whole polls of 100,000 records
	@swift build -c release --product pullcord-bench
	@.build/release/pullcord-bench

lint: ## Check formatting and style
	@swift format lint --strict --recursive Package.swift Sources Tests

format: ## Format all Swift files in place
	@swift format --in-place --recursive Package.swift Sources Tests

tools: $(TOOLS)/etcd $(TOOLS)/python/standardwebhooks $(TOOLS)/python/cloudevents \
	$(TOOLS)/python/http_message_signatures $(TOOLS)/python/jsonschema \
	$(TOOLS)/python/jsonpatch.py

PIP_INSTALL := python3 -m pip install --quiet --disable-pip-version-check \
	--root-user-action=ignore --upgrade --target $(TOOLS)/python

# The verifier that the standard's own project publishes, kept away from the system's Python.
$(TOOLS)/python/standardwebhooks:
	@$(PIP_INSTALL) standardwebhooks

# The SDK of the CloudEvents project.
$(TOOLS)/python/cloudevents:
	@$(PIP_INSTALL) "cloudevents>=2,<3"

# A verifier of RFC 9421, and of Content-Digest.
$(TOOLS)/python/http_message_signatures:
	@$(PIP_INSTALL) "http-message-signatures>=3,<4"

# What holds the language's JSON Schema against the adapters.
$(TOOLS)/python/jsonschema:
	@$(PIP_INSTALL) jsonschema pyyaml

# Another implementation of RFC 6902, which must agree with ours.
$(TOOLS)/python/jsonpatch.py:
	@$(PIP_INSTALL) jsonpatch

# The server of one end-to-end test, unpacked instead of installed: installing it would start it.
$(TOOLS)/etcd:
	@mkdir -p $(TOOLS)/unpacked
	@cd $(TOOLS) && (apt-get download etcd-server >/dev/null 2>&1 \
		|| { $(AS_ROOT) apt-get update -qq && apt-get download etcd-server; })
	@cd $(TOOLS) && dpkg-deb -x etcd-server_*.deb unpacked && rm -f etcd-server_*.deb \
		&& cp unpacked/usr/bin/etcd etcd && rm -rf unpacked

AS_ROOT := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

# Installs the packages of the list that are not there yet.
define install
	@command -v swift >/dev/null || { echo "Swift 6.3 is needed: https://www.swift.org/install"; exit 1; }
	@missing=(); for package in $(1); do \
		[ "$$(dpkg-query -W -f='$${db:Status-Status}' $$package 2>/dev/null)" = installed ] \
			|| missing+=("$$package"); \
	done; \
	if [ "$${#missing[@]}" -gt 0 ]; then \
		echo "Installing $${missing[*]}"; \
		$(AS_ROOT) apt-get update -qq \
			&& $(AS_ROOT) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$${missing[@]}" >/dev/null; \
	fi
endef

build-packages:
	$(call install,$(BUILD_PACKAGES))

test-packages:
	$(call install,$(TEST_PACKAGES))

clean: ## Remove what was built
	@rm -rf .build .demo
