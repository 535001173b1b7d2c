# SPDX-License-Identifier: MIT
#
# Pass 1: read every target.mk and lib.mk, note what it says under the id
# <arch>/<name>, and make the rules that compile it. <arch> is x86_64 for what
# is built once for all kernels, else the kernel's name.

roots := $(wildcard base base-nova base-hw os $(wildcard repos/*))

found := $(sort $(shell find $(roots) -name target.mk -o -name lib.mk))

# What a description may set; doc/build.md explains
description := TARGET LIB SRC_C SRC_S SRC_DIRS LIBS RPC FPU SHARED MODE \
               PER_KERNEL SYMBOLS GLOBALS RPC_TABLE CC_FLAGS LD_FLAGS LD_SCRIPT \
               OFFSETS PORTS

ids    :=
lints  :=
linted :=
absent :=

# $(call kernels_of,description file): kernels that it is to be read for
kernels_of = $(or $(patsubst base-%,%,$(filter base-%,$(firstword \
             $(subst /, ,$1)))),$(kernels))

# $(call variants,dir,kernel): the kernel's own variant of a folder comes first
plain    = $(patsubst base-$2/%,base/%,$1)
variants = $(if $(filter base/%,$(call plain,$1,$2)),$(wildcard \
           $(patsubst base/%,base-$2/%,$(call plain,$1,$2)) \
           $(call plain,$1,$2)),$1)

# $(call locate,file,dirs): first of the folders that has it, the root at last;
# what nobody has is missed when its program is made, not by all others
locate = $(firstword $(wildcard $(addsuffix /$1,$2)) $(wildcard $1) \
         $(firstword $2)/$1)

include_os    := $(wildcard base/include os/include repos/*/include)
include_base  := base/include
include_arch   = $(wildcard base-$1/src/include base/src/include \
                 base-$1/include base/include)

# $(call include_of,arch,dirs)
include_of = $(addprefix -I,$2 $(if $(filter $(kernels),$1),$(call \
             include_arch,$1),$(if $(filter base/%,$(firstword $2)), \
             $(include_base),$(include_os))) $(rpc_include))

mode_flags = $(if $(filter kernel,$1),$(cc_kernel),$(if $(filter \
             static,$1),$(cc_static),$(cc_pic)))

linter := $(addprefix tool/lint/,one tidy.yaml cppcheck.txt)

define compile_rules
stamp_made := $$(call stamp,$(obj)/flags,$$(flags))

$(objs_c): $(obj)/%.o: %.c $(obj)/flags | $(generated)
	@mkdir -p $$(@D)
	@echo "  CC    $$<"
	$(Q)$(CC) $(flags) -MMD -MP -MT $$@ -MT $$(@:.o=.lint) -c -o $$@ $$<

$(objs_c:.o=.lint): $(obj)/%.lint: %.c $(obj)/flags $(linter)
	@mkdir -p $$(@D)
	@echo "  LINT  $$<"
	$(Q)tool/lint/one $$< $(flags)
	@touch $$@

$(objs_s): $(obj)/%.o: %.S $(obj)/flags | $(offsets)
	@mkdir -p $$(@D)
	@echo "  AS    $$<"
	$(Q)$(CC) $(flags) $(if $(offsets),-I$(obj)) -D__ASSEMBLER__ -MMD -MP \
	  -c -o $$@ $$<
endef

# Lines that begin with '=' in the translation of a source that tells assembly
# about structs
define offsets_rule
$(offsets): $(call locate,$(OFFSETS),$(where)) $(obj)/flags
	@mkdir -p $$(@D)
	@echo "  SIZES $$<"
	$(Q)$(CC) $(flags) -MMD -MP -MT $$@ -S -o $$(@:.inc=.s) $$<
	$(Q)sed -n 's/^=//p' $$(@:.inc=.s) >$$@
endef

# What a description means. Each of these is expanded as a whole before it is
# evaluated, so a value serves from the next one on.

per_kernel = $(filter base-%,$(firstword $(subst /, ,$(mk))))$(PER_KERNEL)

define note_name
arch  := $(if $(per_kernel),$K,$A)
name  := $(strip $(or $(TARGET),$(LIB)))
endef

define note_place
id    := $(arch)/$(name)
obj   := $B/$(arch)/obj/$(name)
where := $(foreach d,$(dir_mk) $(SRC_DIRS),$(if $(per_kernel),$(call \
         variants,$d,$K),$d))
mode  := $(or $(strip $(MODE)),$(if $(per_kernel),static,component))
endef

define note_sources
src_c := $(foreach f,$(SRC_C),$(call locate,$f,$(where)))
src_s := $(foreach f,$(SRC_S),$(call locate,$f,$(where)))
gen_c := $(if $(per_kernel),$(call rpc_sources,$(RPC))) \
         $(if $(RPC_TABLE),$(rpc_dir)/table.c)
gen_s := $(if $(SYMBOLS),$(obj)/symbols.S)
offsets := $(if $(OFFSETS),$(obj)/offsets.inc)
flags := $(cc_common) $(call mode_flags,$(mode)) \
         $(if $(filter yes,$(FPU)),,$(cc_no_fpu)) \
         $(call include_of,$(arch),$(where)) $(strip $(CC_FLAGS))
endef

define note_objects
generated := $(call rpc_headers,$(RPC))
objs_c    := $(patsubst %.c,$(obj)/%.o,$(src_c) $(gen_c))
objs_s    := $(patsubst %.S,$(obj)/%.o,$(src_s) $(gen_s))
ids       += $(id)
mode.$(id)    := $(mode)
kind.$(id)    := $(if $(LIB),$(if $(filter yes,$(SHARED)),shared,static),program)
dir.$(id)     := $(dir_mk)
src.$(id)     := $(src_c) $(src_s)
libs.$(id)    := $(filter-out base,$(LIBS))
rpc.$(id)     := $(if $(per_kernel),,$(RPC))
globals.$(id) := $(strip $(GLOBALS))
symbols.$(id) := $(if $(SYMBOLS),$(call locate,$(SYMBOLS),$(where)))
ldflags.$(id) := $(strip $(LD_FLAGS))
script.$(id)  := $(if $(LD_SCRIPT),$(call locate,$(LD_SCRIPT),$(where)))
endef

# A source that is compiled several times is analysed for the first of them,
# one of a port not at all
define note_result
objs.$(id) := $(objs_c) $(objs_s)
lints += $(foreach f,$(filter-out $(linted) $B/%,$(src_c)),$(obj)/$(f:.c=.lint))
linted += $(src_c)
deps += $(patsubst %.o,%.d,$(objs_c) $(objs_s)) $(offsets:.inc=.d)
endef

# $(call load,file,kernel): one description; those of core, ld and the kernel
# are read once a kernel, all others for the first one only
define load
$(foreach v,$(description),$(eval $v :=))
$(eval mk := $1)
$(eval dir_mk := $(patsubst %/,%,$(dir $1)))
$(eval K := $2)
$(eval include $1)
$(eval $(note_name))
$(if $(name),,$(error $1: neither TARGET nor LIB))
$(eval lacking := $(foreach p,$(PORTS),$(if $(wildcard $B/ports/$p/.port),,$p)))
$(if $(lacking),$(if $(filter $(name),$(absent)),,$(eval \
  $(load_lacking))),$(call load_any))
endef

# Without the sources of others that it needs, it is missed when it is asked for
define load_lacking
absent += $(name)
.PHONY: $(name)
$(name):
	@echo "error: $(name) needs sources of others: tool/ports $(lacking)" >&2
	@false
endef

define load_any
$(if $(filter $(arch)/$(name),$(ids)),$(call load_known,$(arch)/$(name)), \
     $(call load_new))
endef

# Read before: for another kernel, or it is the kernel's own variant. Two
# programs of one name are an error.
load_known = $(if $(per_kernel),,$(if $(filter $(dir_mk),$(dir.$1)),,$(error \
             $(mk): $(name) is the name of $(dir.$1), too)))

define load_new
$(eval $(note_place))
$(eval $(note_sources))
$(eval $(note_objects))
$(eval $(note_result))
$(eval $(compile_rules))
$(if $(offsets),$(eval $(offsets_rule)))
endef

# A kernel's own folders first: base-hw/src/core goes before base/src/core
ordered := $(filter base-%,$(found)) $(filter-out base-%,$(found))

$(foreach f,$(ordered),$(foreach k,$(filter $(KERNEL),$(call \
  kernels_of,$f)),$(if $(strip $(call load,$f,$k)),)))

-include $(wildcard $(deps))
