# SPDX-License-Identifier: MIT
#
# Stubs: tool/rpc translates each session header once, into <name>.client.c,
# <name>.server.c and rpc/<name>.h. For components they are compiled into one
# archive a header, of which the linker takes what is used; programs of a kernel
# compile them with their own flags.

rpc_dir  := $B/$A/rpc
rpc_tool := tool/rpc/rpc
rpc_code := $(wildcard tool/rpc/rpc tool/rpc/*.tcl)
rpc_path := base/include os/include $(wildcard repos/*/include)

rpc_session := $(shell grep -lE '^(RPC|SERVICE|WIRE)\>' /dev/null \
  $(wildcard $(addsuffix /session/*.h,$(rpc_path))))
rpc_names   := $(basename $(notdir $(rpc_session)))
rpc_header   = $(firstword $(filter %/$1.h,$(rpc_session)))
rpc_include := $(rpc_dir)

# $(call rpc_sources,names), $(call rpc_headers,names), $(call rpc_archives,names)
rpc_sources  = $(foreach r,$1,$(rpc_dir)/$r.client.c $(rpc_dir)/$r.server.c)
rpc_headers  = $(foreach r,$1,$(rpc_dir)/rpc/$r.h)
rpc_archives = $(foreach r,$1,$(rpc_dir)/$r.a)

rpc_flags := $(cc_common) $(cc_pic) $(cc_no_fpu) \
             $(addprefix -I,$(rpc_path) $(rpc_include))

stamp_made := $(call stamp,$(rpc_dir)/flags,$(rpc_flags))

define rpc_rules
$(rpc_dir)/$1.client.c $(rpc_dir)/$1.server.c $(rpc_dir)/rpc/$1.h &: \
  $(call rpc_header,$1) $(rpc_code)
	@echo "  RPC   $$<"
	$(Q)$(rpc_tool) $(addprefix -I,$(rpc_path)) -o $(rpc_dir) session/$1.h
	@touch $(rpc_dir)/$1.client.c $(rpc_dir)/$1.server.c $(rpc_dir)/rpc/$1.h

$(rpc_dir)/$1.client.o $(rpc_dir)/$1.server.o: \
$(rpc_dir)/%.o: $(rpc_dir)/%.c $(rpc_dir)/flags
	@echo "  CC    $$<"
	$(Q)$(CC) $(rpc_flags) -MMD -MP -c -o $$@ $$<

$(rpc_dir)/$1.a: $(rpc_dir)/$1.client.o $(rpc_dir)/$1.server.o
	@echo "  AR    $$@"
	@rm -f $$@
	$(Q)$(AR) rcsD $$@ $$^

deps += $(rpc_dir)/$1.client.d $(rpc_dir)/$1.server.d $(rpc_dir)/$1.rpc.d
endef

# Of all interfaces: what fuzzers and decoders go by, and the reference
rpc_all := $(rpc_tool) $(addprefix -I,$(rpc_path))

$(rpc_dir)/table.c: $(rpc_session) $(rpc_code)
	@mkdir -p $(@D)
	$(Q)$(rpc_all) --table $@ $(addprefix session/,$(notdir $(rpc_session)))

$B/doc/interfaces.md: $(rpc_session) $(rpc_code)
	@mkdir -p $(@D)
	$(Q)$(rpc_all) --doc $@ $(addprefix session/,$(notdir $(rpc_session)))

.PHONY: reference
reference: $B/doc/interfaces.md
	cp $< doc/interfaces.md

deps :=
$(foreach r,$(rpc_names),$(eval $(call rpc_rules,$r)))
