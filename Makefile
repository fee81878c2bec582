# One Makefile for everything.  `make` builds, `make demo` and `make check` also
# install missing Debian packages (ci/setup).  V=1 shows commands.
#
#   BUILD=dir       where to build (default build; variants: build/asan, ...)
#   SAN=address,undefined   sanitizers;  WERROR=1  warnings are errors
#   PREFIX, LIBDIR, DESTDIR as usual for `make install` and `make uninstall`

VERSION := 0.1.0
BUILD ?= build
JOBS ?= $(shell nproc)
PREFIX ?= /usr/local
CC ?= gcc
CLANG ?= clang
PYTHON ?= /usr/bin/python3

ifeq ($(V),1)
Q :=
say = @:
else
Q := @
say = @printf '  %-8s %s\n'
endif

PKGS := jansson libevent_core libmnl libsodium libseccomp libxml-2.0 libpcap
WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wswitch-enum -Wformat=2 -Wvla -Wundef
OPT ?= -O2
CPPFLAGS += -D_GNU_SOURCE -DPTCHECK_VERSION='"$(VERSION)"' -I. -I$(BUILD)
CFLAGS += -std=gnu17 $(OPT) -g $(WARN) $(if $(WERROR),-Werror) \
	$(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer) $(COV)
LDFLAGS += $(if $(SAN),-fsanitize=$(SAN)) $(COV)
# Evaluated when first used, so that `make check` can install them before.
PKG_CFLAGS = $(eval PKG_CFLAGS := $$(shell pkg-config --cflags $(PKGS)))$(PKG_CFLAGS)
PKG_LIBS = $(eval PKG_LIBS := $$(shell pkg-config --libs $(PKGS)) -lm)$(PKG_LIBS)
CHECK_CFLAGS = $(shell pkg-config --cflags check)
CHECK_LIBS = $(shell pkg-config --libs check)

# --- what belongs to what --------------------------------------------------

# Every .c below harness/ and parent/ is of a program, but tests, fuzz entry
# points and what makes documents from tables.
all_src := $(sort $(shell find harness parent -name '*.c'))
pt_src := $(sort $(shell find fake-transports -name '*.c'))
test_src := $(foreach f,$(all_src) $(pt_src),$(if $(findstring /tests/test_,$(f)),$(f)))
fuzz_src := $(foreach f,$(all_src),$(if $(findstring /fuzz/fuzz_,$(f)),$(f)))
gen_src := $(filter harness/case/gen/%,$(all_src))
code_src := $(foreach f,$(filter-out $(gen_src),$(all_src)),$(if $(findstring \
	/tests/,$(f))$(findstring /fuzz/,$(f)),,$(f)))
# The harness stands on the codecs of the parent.
harness_src := $(filter harness/% parent/base/% parent/proto/%,$(code_src))
parent_src := $(filter parent/program/%,$(code_src))
# The library takes with it what it stands on.
libptparent_src := $(filter parent/lib/% parent/base/% parent/proto/%,$(code_src))
lib_src := $(filter-out harness/cli/%,$(harness_src))
pure_src := $(filter parent/base/% parent/proto/% harness/trace/% harness/req/%,\
	$(harness_src))
ptref_src := $(foreach f,$(pt_src),$(if $(findstring /tests/,$(f)),,$(f)))

obj = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))
# Linked with every test program: its limits, and the end of its main().
test_common := $(addprefix $(BUILD)/obj/parent/base/tests/,limits.o suite.o)
tests := $(patsubst %.c,$(BUILD)/tests/%,$(notdir $(test_src)))
fuzz_names := $(patsubst fuzz_%.c,%,$(notdir $(fuzz_src)))
replays := $(addprefix $(BUILD)/replay/,$(fuzz_names))
fuzzers := $(addprefix $(BUILD)/fuzz/,$(fuzz_names))

vpath test_%.c $(sort $(dir $(test_src)))

.PHONY: all
all: $(BUILD)/ptcheck $(BUILD)/ptref $(BUILD)/gen-docs $(BUILD)/ptparent \
	$(BUILD)/libptparent.so

# --- the libraries, with the package of a missing one -----------------------

$(BUILD)/.deps: Makefile ci/packages
	@mkdir -p $(@D)
	@ci/have-libraries $(PKGS)
	@touch $@

# --- generated: the case and target files that the program carries ----------

# $$new becomes $@ if that is another; its name is of this make alone.
replace = { cmp -s $$new $@ && rm $$new || mv $$new $@; }

builtin_files := $(sort $(filter-out cases/schema.json,$(wildcard cases/*.json)) \
	$(wildcard cases/targets/*.json))

$(BUILD)/gen/builtin_files.inc: FORCE
	@mkdir -p $(@D)
	@new=$@.$$$$; { $(foreach f,$(builtin_files),echo 'X($(if $(findstring \
		/targets/,$(f)),TARGET,CASE), "$(f)")';) :; } >$$new && \
		$(replace)

# --- generated: the list of requirements that stand beside their judges ------

$(BUILD)/gen/req_rows.inc: FORCE
	@mkdir -p $(@D)
	@new=$@.$$$$; sed -n 's/^REQ\(_ROW\)\{0,1\}(\([a-z0-9_]*\)) = {$$/X(\2)/p' \
		$(filter harness/req/%,$(harness_src)) >$$new && $(replace)

# --- generated: the table of the faults that stand beside their code ---------

$(BUILD)/gen/ptref_faults.inc: FORCE
	@mkdir -p $(@D)
	@new=$@.$$$$; ci/fault-rows $(ptref_src) >$$new && $(replace)

.PHONY: FORCE
FORCE:

# --- compiling --------------------------------------------------------------

$(BUILD)/obj/harness/case/builtin.o: $(BUILD)/gen/builtin_files.inc \
	$(builtin_files)
$(BUILD)/obj/harness/req/core/table.o: $(BUILD)/gen/req_rows.inc
$(call obj,$(ptref_src)) $(BUILD)/obj/harness/cli/cmd_explain.o \
	$(BUILD)/tests/test_udp: $(BUILD)/gen/ptref_faults.inc
$(BUILD)/obj/harness/req/core/uncovered.o: harness/req/core/uncovered.json

$(BUILD)/obj/%.o: %.c | $(BUILD)/.deps
	@mkdir -p $(@D)
	$(say) CC $<
	$(Q)$(CC) $(CPPFLAGS) $(PKG_CFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/obj/harness/%/tests/test_%.o: PKG_CFLAGS += $(CHECK_CFLAGS)

# All symbols are found at the start, so that no worker looks for them.
$(BUILD)/ptcheck: $(call obj,$(harness_src))
	$(say) LINK $@
	$(Q)$(CC) $(LDFLAGS) -Wl,-z,now -o $@ $^ $(PKG_LIBS)

# The bundled transport shares nothing with the harness.
$(BUILD)/ptref: $(call obj,$(ptref_src))
	$(say) LINK $@
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -ljansson -lsodium -pthread

# --- the parent: library and program ------------------------------------------

pic = $(patsubst %.c,$(BUILD)/pic/%.o,$(1))
PARENT_ABI := 1

$(BUILD)/pic/%.o: %.c | $(BUILD)/.deps
	@mkdir -p $(@D)
	$(say) CC $<
	$(Q)$(CC) $(CPPFLAGS) $(PKG_CFLAGS) $(CFLAGS) -fPIC -MMD -MP -c -o $@ $<

# One object of which only the public names can be seen.
$(BUILD)/libptparent.a: $(call pic,$(libptparent_src)) parent/libptparent.map
	$(say) AR $@
	$(Q)rm -f $@ && ld -r -o $(@:.a=.o) $(filter %.o,$^) && objcopy --wildcard \
		--keep-global-symbol='ptp_*' $(@:.a=.o) && ar rcsD $@ $(@:.a=.o)

$(BUILD)/libptparent.so: $(call pic,$(libptparent_src)) parent/libptparent.map
	$(say) LINK $@
	$(Q)$(CC) $(LDFLAGS) -shared -Wl,-soname,libptparent.so.$(PARENT_ABI) \
		-Wl,--version-script=parent/libptparent.map -o $@ \
		$(filter %.o,$^) -lsodium

$(BUILD)/ptparent: $(call obj,$(parent_src) $(libptparent_src))
	$(say) LINK $@
	$(Q)$(CC) $(LDFLAGS) -Wl,-z,now -o $@ $^ -ljansson -lsodium

# What the formats of files are told by, see harness/case/gen/gen.h.
$(BUILD)/gen-docs: $(call obj,$(gen_src)) $(BUILD)/libptcheck.a
	$(say) LINK $@
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

# Judges must build and link without any layer that does I/O.
$(BUILD)/tests/test_req: $(BUILD)/obj/harness/req/tests/test_req.o \
	$(call obj,$(pure_src)) $(test_common)
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(CHECK_LIBS) -ljansson -lsodium

# Other test programs may include the .c they test; the linker takes what is
# still missing from the archives.
archives := $(BUILD)/libptparent.a $(BUILD)/libptcheck.a
$(BUILD)/libptcheck.a: $(call obj,$(lib_src))
	$(say) AR $@
	$(Q)rm -f $@ && ar rcs $@ $^

# With -MP headers may go or move, and with the line behind it the source.
$(BUILD)/tests/test_%: test_%.c $(archives) $(test_common)
	@mkdir -p $(@D)
	$(say) TEST $@
	$(Q)$(CC) $(CPPFLAGS) $(PKG_CFLAGS) $(CHECK_CFLAGS) $(CFLAGS) -MMD -MP \
		-o $@ $< $(wildcard $(dir $<)sample.c) $(test_common) $(LDFLAGS) \
		$(archives) $(CHECK_LIBS) $(PKG_LIBS)
	@for d in $@.d $@-*.d; do if [ -f $$d ]; then \
		echo '$< $(wildcard $(dir $<)sample.c):' >>$$d; fi; done

# A static program, as many transports are, for test_fswatch*.  The sanitizers do
# not link into such a one.
$(BUILD)/tests/toucher: harness/sys/tests/toucher.c
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) $(CPPFLAGS) -std=gnu17 -O1 $(WARN) $(if $(WERROR),-Werror) \
		-static -pthread -o $@ $<
$(filter $(BUILD)/tests/test_fswatch%,$(tests)): | $(BUILD)/tests/toucher

# --- fuzzing: replay of the corpora by any compiler, libFuzzer by clang ------

vpath fuzz_%.c $(sort $(dir $(fuzz_src)))

$(BUILD)/replay/%: fuzz_%.c parent/proto/fuzz/replay.c $(archives)
	@mkdir -p $(@D)
	$(say) REPLAY $@
	$(Q)$(CC) $(CPPFLAGS) $(PKG_CFLAGS) $(CFLAGS) -o $@ $(filter %.c,$^) \
		$(LDFLAGS) $(archives) $(PKG_LIBS)

FUZZ_SECONDS ?= 20
.PHONY: fuzz
fuzz:
	$(Q)$(MAKE) --no-print-directory BUILD=$(BUILD)/clang-fuzz CC=$(CLANG) \
		OPT=-O1 SAN=address,undefined,fuzzer-no-link fuzz-run

.PHONY: fuzz-run
fuzz-run: $(fuzzers)
	$(Q)for f in $(fuzzers); do n=$$(basename $$f); \
		mkdir -p $(BUILD)/corpus/$$n; echo "fuzz $$n"; \
		$$f -max_total_time=$(FUZZ_SECONDS) -verbosity=0 \
			$(BUILD)/corpus/$$n vectors/corpus/$$n || exit 1; done

$(BUILD)/fuzz/%: fuzz_%.c $(archives)
	@mkdir -p $(@D)
	$(say) FUZZ $@
	$(Q)$(CC) $(CPPFLAGS) $(PKG_CFLAGS) $(CFLAGS) -fsanitize=fuzzer -o $@ $< \
		$(archives) $(PKG_LIBS)

# --- checking ---------------------------------------------------------------

.PHONY: setup
setup:
	$(Q)ci/setup

.PHONY: check
check: setup
	$(Q)$(MAKE) --no-print-directory check-all

# The drivers wait a lot, so all else is done meanwhile: one after the other, and
# what each has printed is told when it is over, so that it can be read.  What
# fails keeps the others from nothing: one run tells all.
BESIDE := lint unit replay check-asan
.PHONY: check-all
check-all:
	$(Q)$(MAKE) --no-print-directory -j$(JOBS) all tests $(BUILD)/parent-launch
	$(Q)$(MAKE) --no-print-directory -k -j$$(($(JOBS) + 1)) drivers beside

.PHONY: beside
beside:
	$(Q)failed=; for step in $(BESIDE); do status=passed; \
		$(MAKE) --no-print-directory $$step >$(BUILD)/$$step.log 2>&1 || \
		{ status=failed; failed="$$failed $$step"; }; \
		printf '\n--- %s\n' $$step; cat $(BUILD)/$$step.log; \
		echo "--- $$step: $$status"; done; \
		[ -z "$$failed" ] || { echo "failed:$$failed" >&2; exit 1; }

.PHONY: tests
tests: $(tests) $(replays) $(BUILD)/bare $(BUILD)/datagrams $(BUILD)/captures

.PHONY: unit
unit: all $(tests)
	$(Q)failed=; for t in $(tests); do $$t || failed="$$failed $$t"; done; \
		[ -z "$$failed" ] || { echo "failed:$$failed" >&2; exit 1; }

.PHONY: replay
replay: $(replays)
	$(Q)failed=; for r in $(replays); do n=$$(basename $$r); \
		$$r vectors/corpus/$$n || failed="$$failed $$n"; done; \
		[ -z "$$failed" ] || { echo "failed:$$failed" >&2; exit 1; }

# The matrix of faults beside all other drivers: most of both is waiting.  What
# their makes are to do they say themselves.
PYTEST := MAKEFLAGS= $(PYTHON) -m pytest -q -p no:cacheprovider -n 3 \
	--dist loadfile
.PHONY: drivers
drivers: all $(BUILD)/bare $(BUILD)/parent-launch $(BUILD)/datagrams
	$(Q)PTCHECK=$(abspath $(BUILD))/ptcheck PTREF=$(abspath $(BUILD))/ptref \
		$(PYTEST) $(PYTEST_ARGS) \
		cases/drivers fake-transports/tests fake-transports/py/tests \
		parent/proto/tests parent/tests \
		harness/report/tests

# Unit tests, corpora and one whole run under the sanitizers.
.PHONY: check-asan
check-asan:
	$(Q)$(MAKE) --no-print-directory BUILD=$(BUILD)/asan OPT=-O1 \
		SAN=address,undefined $(if $(filter --jobserver%,$(MAKEFLAGS)),,\
		-j$(JOBS)) all tests
	$(Q)for step in unit replay smoke; do $(MAKE) --no-print-directory \
		BUILD=$(BUILD)/asan OPT=-O1 SAN=address,undefined $$step || \
		exit 1; done

.PHONY: smoke
smoke: all
	$(Q)$(BUILD)/ptcheck run --report tap=/dev/null -- $(BUILD)/ptref

.PHONY: lint
lint:
	$(Q)ci/lint

.PHONY: format
format:
	$(Q)clang-format -i $$(ci/sources)

# Pages that follow from tables; tests see whether they are fresh.
.PHONY: docs
docs: $(BUILD)/tests/test_trace_format $(BUILD)/gen-docs $(BUILD)/ptcheck
	$(Q)$< print > docs/trace-format.md
	$(Q)$(BUILD)/gen-docs case-schema > cases/schema.json
	$(Q)$(BUILD)/gen-docs target-schema > reports/target.schema.json
	$(Q)for m in case target; do $(BUILD)/gen-docs manual \
		docs/man/ptcheck-$$m.5.in > docs/man/ptcheck-$$m.5 || exit 1; done
	$(Q)$(BUILD)/ptcheck manual > docs/man/ptcheck.1
	$(Q)$(BUILD)/ptcheck manual requirements > docs/man/ptcheck-requirements.7

.PHONY: coverage
coverage:
	$(Q)$(MAKE) --no-print-directory BUILD=$(BUILD)/cov OPT=-O0 \
		COV='--coverage -DPTCHECK_COVERAGE' \
		unit replay drivers
	$(Q)lcov -q -c -d $(BUILD)/cov/obj --no-external -b . \
		-o $(BUILD)/cov/lcov.info
	$(Q)lcov -q -r $(BUILD)/cov/lcov.info '*/tests/*' -o $(BUILD)/cov/lcov.info
	$(Q)genhtml -q -o $(BUILD)/cov/html $(BUILD)/cov/lcov.info
	@echo "coverage: $(BUILD)/cov/html/index.html"

# --- measuring --------------------------------------------------------------

$(BUILD)/bare: bench/bare.c
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $<

$(BUILD)/parent-launch: bench/parent_launch.c $(BUILD)/libptparent.a
	$(say) LINK $@
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lsodium

$(BUILD)/datagrams: bench/datagrams.c
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $< -pthread

$(BUILD)/captures: bench/captures.c $(BUILD)/libptcheck.a \
	$(BUILD)/libptparent.a
	$(say) LINK $@
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lpcap

.PHONY: bench
bench: all $(BUILD)/bare $(BUILD)/parent-launch $(BUILD)/datagrams
	$(Q)bench/sandbox --build $(BUILD)
	$(Q)bench/launch --build $(BUILD)
	$(Q)bench/tunnels --build $(BUILD)
	$(Q)bench/udp --build $(BUILD)
	$(Q)bench/parent --build $(BUILD)

# --- showing ----------------------------------------------------------------

.PHONY: demo
demo:
	$(Q)ci/setup build demo
	$(Q)$(MAKE) --no-print-directory -j$(JOBS) all
	$(Q)$(MAKE) --no-print-directory demo-run

.PHONY: demo-run
demo-run: all
	$(Q)ci/demo $(BUILD)

# --- installing -------------------------------------------------------------

LIBDIR ?= $(PREFIX)/lib
# In quotes: a name may have blanks.
at = '$(DESTDIR)$(PREFIX)$(1)'
lib_at = '$(DESTDIR)$(LIBDIR)$(1)'

.PHONY: install
install: all $(BUILD)/libptparent.a
	install -d $(call at,/bin) $(call at,/include) $(call lib_at,/pkgconfig) \
		$(call at,/share/ptcheck/vectors) \
		$(call at,/share/ptcheck/schemas) \
		$(call at,/share/bash-completion/completions) \
		$(call at,/share/zsh/site-functions) \
		$(call at,/share/fish/vendor_completions.d)
	install -m 755 $(BUILD)/ptcheck $(BUILD)/ptref $(BUILD)/ptparent \
		ci/users/ptcheck-ci ci/users/ptcheck-shards $(call at,/bin)
	install -m 644 parent/ptparent.h $(call at,/include)
	install -m 644 $(BUILD)/libptparent.a $(call lib_at,)
	install -m 755 $(BUILD)/libptparent.so \
		$(call lib_at,/libptparent.so.$(PARENT_ABI))
	ln -sf libptparent.so.$(PARENT_ABI) $(call lib_at,/libptparent.so)
	sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@VERSION@|$(VERSION)|' \
		-e 's|@LIBDIR@|$(subst $(PREFIX)/,$${prefix}/,$(LIBDIR))|' \
		parent/ptparent.pc.in >$(call lib_at,/pkgconfig/ptparent.pc)
	install -m 644 vectors/*.json vectors/README.md \
		$(call at,/share/ptcheck/vectors)
	install -m 644 cases/schema.json \
		$(call at,/share/ptcheck/schemas/case.schema.json)
	install -m 644 reports/*.schema.json $(call at,/share/ptcheck/schemas)
	for n in 1 3 5 7; do \
		install -d $(call at,/share/man/man)$$n && \
		install -m 644 docs/man/*.$$n $(call at,/share/man/man)$$n || \
		exit 1; done
	ln -sf ptcheck-ci.1 $(call at,/share/man/man1/ptcheck-shards.1)
	$(BUILD)/ptcheck completion bash \
		>$(call at,/share/bash-completion/completions/ptcheck)
	$(BUILD)/ptcheck completion zsh \
		>$(call at,/share/zsh/site-functions/_ptcheck)
	$(BUILD)/ptcheck completion fish \
		>$(call at,/share/fish/vendor_completions.d/ptcheck.fish)

# What goes is what an installation puts there, and the folders of our own.
.PHONY: uninstall
uninstall: all $(BUILD)/libptparent.a
	$(Q)tmp=$$(mktemp -d) && \
	$(MAKE) -s --no-print-directory install DESTDIR="$$tmp" >/dev/null && \
	(cd "$$tmp" && find . ! -type d) | while IFS= read -r f; do \
		rm -f '$(DESTDIR)'"/$$f"; done; rm -rf "$$tmp"
	$(Q)rm -df $(call at,/share/ptcheck/vectors) \
		$(call at,/share/ptcheck/schemas) $(call at,/share/ptcheck)

.PHONY: clean
clean:
	rm -rf $(BUILD)

-include $(shell find $(BUILD)/obj $(BUILD)/pic $(BUILD)/tests -name '*.d' 2>/dev/null)
