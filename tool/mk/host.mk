# SPDX-License-Identifier: MIT
#
# Programs that run on the build machine

HOST_CC ?= gcc

hid_check     := $B/host/hid-check
hid_check_src := tool/hid_check/main.c $(addprefix base/src/lib/, \
                 base/hid.c base/hid_scan.c base/hid_check.c \
                 util/string.c util/number.c util/format.c)

$(hid_check): $(hid_check_src) base/include/base/hid.h \
              base/src/lib/base/hid_scan.h
	@mkdir -p $(@D)
	@echo "  HOST  $@"
	$(Q)$(HOST_CC) -std=gnu17 -O2 -g $(warnings) -Ibase/include \
	  -o $@ $(hid_check_src)

# Plugins for QEMU: they are loaded into it and use its symbols
plugins := $(patsubst tool/plugin/%.c,$B/host/plugin-%.so,$(wildcard \
           tool/plugin/*.c))
all: $(plugins)

$B/host/plugin-%.so: tool/plugin/%.c tool/plugin/qemu.h
	@mkdir -p $(@D)
	@echo "  HOST  $@"
	$(Q)$(HOST_CC) -std=gnu17 -O2 -g $(warnings) -fPIC -fvisibility=hidden \
	  -shared -o $@ $<

.PHONY: hid-check
hid-check: $(hid_check)
all: $(if $(wildcard tool/hid_check),$(hid_check))
