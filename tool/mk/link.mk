# SPDX-License-Identifier: MIT
#
# Pass 2: link programs and libraries. Final ELF files are kept with symbols in
# bin/ and stripped, as boot images take them, in install/.

stub    := $B/$A/lib/ld.lib.so
symbols := base/src/ld/symbols

arch_of = $(patsubst %/,%,$(dir $1))

# $(call lib_id,id of the user,library): the kernel's own one, else the common;
# one that nobody has is missed when the program is made
lib_id = $(firstword $(filter $(call arch_of,$1)/$2,$(ids)) $A/$2)

direct  = $(foreach l,$(libs.$1),$(call lib_id,$1,$l))
closure = $(sort $(foreach l,$(direct),$l $(if $(filter \
          static,$(kind.$l)),$(call closure,$l))))
of_kind = $(foreach l,$2,$(if $(filter $1,$(or $(kind.$l),static)),$l))

archive = $B/$(call arch_of,$1)/lib/$(notdir $1).a
program = $B/$(call arch_of,$1)/bin/$(notdir $1)
shared  = $(program).lib.so
output  = $(call $(subst static,archive,$(kind.$1)),$1)
install = $(subst /bin/,/install/,$1)

define archive_rule
stamp_made := $$(call stamp,$(out).list,$$(objs.$1))
$(out): $(objs.$1) $(out).list
	@mkdir -p $$(@D)
	@echo "  AR    $$@"
	@rm -f $$@
	$(Q)$(if $(globals.$1),$(LD) -r -o $$@.o $(objs.$1) && $(OBJCOPY) \
	  $(addprefix --keep-global-symbol=,$(globals.$1)) $$@.o && \
	  $(AR) rcsD $$@ $$@.o,$(AR) rcsD $$@ $(objs.$1))
endef

# Everything that goes into a program or shared library, $1
static_uses = $(call of_kind,static,$(uses))

define inputs
archives := $(foreach l,$(static_uses),$(call archive,$l))
solibs   := $(foreach l,$(call of_kind,shared,$(uses)),$(call shared,$l))
stubs    := $(call rpc_archives,$(sort $(rpc.$1) $(foreach l,$(static_uses), \
            $(rpc.$l))))
pic      := $(filter $A,$(call arch_of,$1))
endef

link_kind = $(if $(pic),$(if $(filter shared,$(kind.$1)),$(ld_shared) -soname \
            $(notdir $(out)),$(ld_pie)),$(ld_static))

# Divisions of 128 bits and the like; not in the kernel, where libgcc's use of
# the red zone is wrong
runtime = $(if $(filter kernel,$(mode.$1)),,$(cc_runtime))

define link_command
link := $(strip $(LD) $(link_kind) $(ldflags.$1) $(addprefix -T ,$(script.$1)) \
        -o $(out) $(objs.$1) --start-group $(archives) $(stubs) --end-group \
        $(solibs) $(if $(pic),$(stub)) $(call runtime,$1))
endef

define program_rule
stamp_made := $$(call stamp,$(out).link,$$(link))
$(out): $(objs.$1) $(archives) $(stubs) $(solibs) $(script.$1) \
        $(if $(pic),$(stub) tool/mk/component.ld) $(out).link
	@mkdir -p $$(@D)
	@echo "  LD    $$@"
	$(Q)$(link)

$(call install,$(out)): $(out)
	@mkdir -p $$(@D)
	$(Q)$(STRIP) --strip-all -o $$@ $$<

products += $(call install,$(out))
.PHONY: $(notdir $1)
$(notdir $1): $(call install,$(out)) $(foreach l,$(solibs),$(call install,$l))
endef

# Table of ld's exported symbols, and the stub that components link against
define symbols_rule
$B/$(call arch_of,$1)/obj/$(notdir $1)/symbols.S: $(symbols.$1) tool/mk/symbols
	@mkdir -p $$(@D)
	$(Q)tool/mk/symbols table $$< >$$@
endef

$(stub): $(symbols) tool/mk/symbols
	@mkdir -p $(@D)
	@echo "  STUB  $@"
	$(Q)tool/mk/symbols stub $< >$(@D)/ld.lib.S
	$(Q)$(CC) -c -o $(@D)/ld.lib.o $(@D)/ld.lib.S
	$(Q)$(LD) -shared -nostdlib -soname ld.lib.so --hash-style=sysv \
	  --build-id=none -z noexecstack -o $@ $(@D)/ld.lib.o

define finish
$(eval out := $(call output,$1))
$(eval uses := $(call closure,$1))
$(if $(filter static,$(kind.$1)),$(eval $(call archive_rule,$1)),$(call \
  finish_program,$1))
$(if $(symbols.$1),$(eval $(call symbols_rule,$1)))
endef

define finish_program
$(eval $(call inputs,$1))
$(eval $(call link_command,$1))
$(eval $(call program_rule,$1))
endef

products :=
$(foreach i,$(ids),$(if $(strip $(call finish,$i)),))

.PHONY: all
all: $(products)

# For tool/check: "make flags/<mode>/<kernel or ->" and "make sources"
flags/%:
	@echo $(CC) $(cc_common) $(call mode_flags,$(patsubst %/,%,$(dir $*))) \
	  $(cc_no_fpu) $(call include_of,$(subst -,$A,$(notdir $*)),)

.PHONY: sources lint_sources
sources:
	@$(foreach i,$(ids),echo $(notdir $i) $(src.$i);)

lint_sources: $(lints)
