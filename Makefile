# Pullcord: make demo shows it at work, make test proves it; both install what is missing.

SHELL := /bin/bash
.DEFAULT_GOAL := help

# What the build needs besides Swift 6.3, and what the tests run against besides that.
BUILD_PACKAGES := pkg-config libcurl4-openssl-dev libyaml-dev libjq-dev libsqlite3-dev libzstd-dev zlib1g-dev
TEST_PACKAGES := openssl python3 python3-pip chromium
BENCH_PACKAGES := g++ jq libsimdjson-dev python3 python3-pip
TOOLS := .build/tools
# What the benchmarks measure against, and what they poll and deliver to.
PEERS := $(TOOLS)/bench

.PHONY: help demo test build reference bench bench-build bench-packages fuzz lint format tools static install deb build-packages test-packages clean

help: ## Show what there is to make
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-9s %s\n", $$1, $$2 }'

demo: build ## Build, and watch an API that can only be polled send webhooks
	@.build/release/pullcord demo

build: build-packages ## Build .build/release/pullcord
	@echo "Building Pullcord in release mode; the first time takes some minutes."
	@swift build -c release --product pullcord

# Each test has servers and a store of its own; all of them at once would need 20,000 descriptors.
test: build-packages test-packages tools lint ## Check the style and run every test
	@swift build --build-tests
	@PATH="$(CURDIR)/$(TOOLS):$$PATH" PYTHONPATH="$(CURDIR)/$(TOOLS)/python" swift test --skip-build --disable-xctest \
		--experimental-maximum-parallelization-width 48

# The parts of adapters/README.md between comments: the tests hold them against their sources.
reference: build-packages ## Write the generated parts of adapters/README.md anew
	@swift build --product pullcord
	@.build/debug/pullcord schema adapter --write adapters/README.md
	@.build/debug/pullcord adapters --folder adapters --write adapters/README.md

PACKAGING := Sources/pullcord/Packaging
VERSION = $(shell sed -n 's/.*static let version = "\(.*\)"/\1/p' Sources/pullcord/Pullcord.swift)
PREFIX ?= /usr/local
SYSCONFDIR ?= /etc
DESTDIR ?=

# With Swift's runtime in the program, so that it runs where there is no Swift.
static: build-packages
	@swift build -c release --product pullcord -Xswiftc -static-stdlib

install: static ## Install below PREFIX (/usr/local), with a unit for systemd; DESTDIR= to pack
	@install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/pullcord/adapters \
		$(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(PREFIX)/lib/systemd/system \
		$(DESTDIR)$(SYSCONFDIR)/pullcord/adapters
	@strip -o $(DESTDIR)$(PREFIX)/bin/pullcord .build/release/pullcord
	@install -m 644 adapters/*.yaml $(DESTDIR)$(PREFIX)/share/pullcord/adapters
	@install -m 644 $(PACKAGING)/alerts.yaml $(PACKAGING)/grafana.json $(DESTDIR)$(PREFIX)/share/pullcord
	@set -o pipefail; $(PACKAGING)/manual.sh .build/release/pullcord $(VERSION) | gzip -9n \
		> $(DESTDIR)$(PREFIX)/share/man/man1/pullcord.1.gz
	@sed 's,@PREFIX@,$(PREFIX),' $(PACKAGING)/pullcord.service \
		> $(DESTDIR)$(PREFIX)/lib/systemd/system/pullcord.service
	@[ -e $(DESTDIR)$(SYSCONFDIR)/pullcord/pullcord.yaml ] \
		|| sed 's,/usr/share/,$(PREFIX)/share/,' $(PACKAGING)/pullcord.yaml \
			> $(DESTDIR)$(SYSCONFDIR)/pullcord/pullcord.yaml
	@[ -e $(DESTDIR)$(SYSCONFDIR)/pullcord/environment ] \
		|| install -m 600 $(PACKAGING)/environment $(DESTDIR)$(SYSCONFDIR)/pullcord/environment
	@chmod 755 $(DESTDIR)$(PREFIX)/bin/pullcord
	@echo "Installed. Edit $(SYSCONFDIR)/pullcord/pullcord.yaml, then: systemctl enable --now pullcord"

deb: ## Make a Debian package of this machine's architecture in .build
	@$(call install,dpkg-dev)
	@rm -rf .build/deb && $(MAKE) --no-print-directory install PREFIX=/usr DESTDIR=$(CURDIR)/.build/deb >/dev/null
	@$(PACKAGING)/deb.sh .build/deb $(VERSION) .build/pullcord_$(VERSION)_$$(dpkg --print-architecture).deb

bench: bench-build ## Measure everything beside its peers, in ratios (three minutes)
	@for part in fingerprint poll notmodified deliver spool; do .build/release/pullcord-bench $$part || exit 1; done

bench-build: build bench-packages $(PEERS)/server $(PEERS)/loop $(PEERS)/dom $(PEERS)/python/aiohttp
	@swift build -c release --product pullcord-bench

$(PEERS)/server: Sources/Bench/Peers/server.c
	@mkdir -p $(PEERS) && gcc -O2 -Wall -o $@ $<

$(PEERS)/loop: Sources/Bench/Peers/loop.c
	@mkdir -p $(PEERS) && gcc -O2 -Wall -o $@ $< -lcurl

$(PEERS)/dom: Sources/Bench/Peers/dom.cpp
	@mkdir -p $(PEERS) && g++ -O3 -o $@ $< -lsimdjson

$(PEERS)/python/aiohttp:
	@python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
		--target $(PEERS)/python aiohttp uvloop orjson xxhash

FUZZ := .build/fuzz
FUZZ_SECONDS ?= 60
FUZZ_FLAGS := -O -swift-version 6 -package-name pullcord -parse-as-library -sanitize=fuzzer \
	-enable-upcoming-feature InternalImportsByDefault -enable-upcoming-feature ExistentialAny \
	-enable-upcoming-feature MemberImportVisibility -module-cache-path $(FUZZ)/cache -I $(FUZZ)

fuzz: ## Throw mutated bytes at the JSON reader for FUZZ_SECONDS
	@mkdir -p $(FUZZ)/corpus
	@swiftc $(FUZZ_FLAGS) -wmo -emit-module -emit-module-path $(FUZZ)/PullcordModel.swiftmodule \
		-module-name PullcordModel -c Sources/Model/*.swift -o $(FUZZ)/model.o
	@swiftc $(FUZZ_FLAGS) -wmo -emit-module -emit-module-path $(FUZZ)/PullcordJSON.swiftmodule \
		-module-name PullcordJSON -c Sources/JSON/*.swift -o $(FUZZ)/json.o
	@swiftc $(FUZZ_FLAGS) -wmo -module-name JSONFuzz -c Tests/Fuzz/JSONFuzz.swift -o $(FUZZ)/fuzz.o
	@swiftc -sanitize=fuzzer $(FUZZ)/*.o -o $(FUZZ)/json
	@SWIFT_BACKTRACE=enable=no $(FUZZ)/json -max_total_time=$(FUZZ_SECONDS) -max_len=512 -artifact_prefix=$(FUZZ)/ $(FUZZ)/corpus

lint: ## Check formatting and style
	@swift format lint --strict --recursive Package.swift Sources Tests

format: ## Format all Swift files in place
	@swift format --in-place --recursive Package.swift Sources Tests

tools: $(TOOLS)/etcd $(TOOLS)/docker-registry $(TOOLS)/python/datasette $(TOOLS)/python/standardwebhooks $(TOOLS)/python/cloudevents \
	$(TOOLS)/python/http_message_signatures $(TOOLS)/python/jsonschema \
	$(TOOLS)/python/jsonpatch.py $(TOOLS)/python/botocore $(TOOLS)/python/spnego \
	$(TOOLS)/python/authlib $(TOOLS)/python/moto $(TOOLS)/nginx $(TOOLS)/singer $(TOOLS)/promtool

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

# AWS's own signer, which judges ours.
$(TOOLS)/python/botocore:
	@$(PIP_INSTALL) "botocore>=1,<2"

# A server that answers as AWS does and checks signatures, and AWS's own client for it.
$(TOOLS)/python/moto:
	@$(PIP_INSTALL) "moto[server,ssm,iam]>=5,<6" "boto3>=1,<2"

# The server's side of NTLM.
$(TOOLS)/python/spnego:
	@$(PIP_INSTALL) "pyspnego>=0,<1"

# Servers that ask for certificates and by Digest, unpacked for the same reason as etcd.
WEB_PACKAGES := nginx apache2-bin libapr1 libaprutil1
$(TOOLS)/nginx:
	@mkdir -p $(TOOLS)/web
	@cd $(TOOLS)/web && (apt-get download $(WEB_PACKAGES) >/dev/null 2>&1 \
		|| { $(AS_ROOT) apt-get update -qq && apt-get download $(WEB_PACKAGES); })
	@cd $(TOOLS)/web && for package in *.deb; do dpkg-deb -x $$package . || exit 1; done && rm -f *.deb
	@printf '#!/bin/sh\nweb=$$(dirname "$$0")/web/usr\nLD_LIBRARY_PATH=$$(echo $$web/lib/*-linux-gnu*) exec $$web/sbin/apache2 "$$@"\n' > $(TOOLS)/apache2
	@chmod +x $(TOOLS)/apache2 && cp $(TOOLS)/web/usr/sbin/nginx $(TOOLS)/nginx

# An OAuth 2 provider: Authlib's, on Flask.
$(TOOLS)/python/authlib:
	@$(PIP_INSTALL) "authlib>=1.6,<2" "flask>=3,<4" joserfc

# A Singer tap, apart from the other packages: it wants its own versions of them.
$(TOOLS)/singer:
	@python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
		--target $@ "tap-rest-api-msdk>=1.4,<2"

# The server of one end-to-end test, unpacked instead of installed: installing it would start it.
$(TOOLS)/etcd:
	@mkdir -p $(TOOLS)/unpacked
	@cd $(TOOLS) && (apt-get download etcd-server >/dev/null 2>&1 \
		|| { $(AS_ROOT) apt-get update -qq && apt-get download etcd-server; })
	@cd $(TOOLS) && dpkg-deb -x etcd-server_*.deb unpacked && rm -f etcd-server_*.deb \
		&& cp unpacked/usr/bin/etcd etcd && rm -rf unpacked

# Prometheus, which scrapes the daemon in one test and judges metrics and alert rules in others.
$(TOOLS)/promtool:
	@mkdir -p $(TOOLS)/unpacked
	@cd $(TOOLS) && (apt-get download prometheus >/dev/null 2>&1 \
		|| { $(AS_ROOT) apt-get update -qq && apt-get download prometheus; })
	@cd $(TOOLS) && dpkg-deb -x prometheus_*.deb unpacked && rm -f prometheus_*.deb \
		&& cp unpacked/usr/bin/prometheus unpacked/usr/bin/promtool . && rm -rf unpacked

# A registry of container images, unpacked for the same reason.
$(TOOLS)/docker-registry:
	@mkdir -p $(TOOLS)/unpacked
	@cd $(TOOLS) && (apt-get download docker-registry >/dev/null 2>&1 \
		|| { $(AS_ROOT) apt-get update -qq && apt-get download docker-registry; })
	@cd $(TOOLS) && dpkg-deb -x docker-registry_*.deb unpacked && rm -f docker-registry_*.deb \
		&& cp unpacked/usr/bin/docker-registry docker-registry && rm -rf unpacked

# A server that puts a JSON API over SQLite files.
$(TOOLS)/python/datasette:
	@$(PIP_INSTALL) "datasette>=0.65,<1"

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

bench-packages:
	$(call install,$(BENCH_PACKAGES))

clean: ## Remove what was built
	@rm -rf .build .demo
