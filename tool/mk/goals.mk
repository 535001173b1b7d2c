# SPDX-License-Identifier: MIT
#
# Goals beside the programs themselves

# These need no description of any program
light_goals := help clean test test-full lint verify demo bench fuzz coverage \
               run/% gdb/% run gdb

.PHONY: $(filter-out run/% gdb/%,$(light_goals))

help:
	@sed '1,2d; s/^# \{0,1\}//' tool/mk/help.txt

clean:
	@find $B -mindepth 1 -maxdepth 1 ! -name tool_chain \
	  ! -name ports -exec rm -rf {} + \
	  2>/dev/null || true

# Run tool: it calls make itself for what a scenario builds
run/%: FORCE
	+@KERNEL=$(KERNEL) tool/run/run $*

gdb/%: FORCE
	+@KERNEL=$(KERNEL) tool/run/run --gdb $*

.PHONY: FORCE
FORCE:

run gdb:
	@echo "make $@/<scenario>: one of" \
	  $(notdir $(basename $(wildcard run/*.run base/run/*.run \
                     repos/*/run/*.run)))

test:
	+@tool/test short
test-full:
	+@tool/test full
lint:
	+@tool/check lint
verify:
	@base/spin/verify
demo:
	+@KERNEL=$(KERNEL) tool/run/run demo
bench:
	+@tool/bench
fuzz:
	+@tool/test fuzz
coverage:
	+@tool/coverage
