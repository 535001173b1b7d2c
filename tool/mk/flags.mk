# SPDX-License-Identifier: MIT
#
# Tools and flags. CROSS=x86_64-elf- selects another tool chain.

CROSS   ?=
CC      := $(CROSS)gcc
LD      := $(CROSS)ld
AR      := $(CROSS)ar
STRIP   := $(CROSS)strip
OBJCOPY := $(CROSS)objcopy

cc_headers := $(shell $(CC) -print-file-name=include)
cc_runtime := $(shell $(CC) -print-libgcc-file-name)
$(if $(cc_headers),,$(error $(CC) does not run; try tool/setup))

warnings := -Wall -Wextra -Wmissing-prototypes -Wshadow -Wundef -Wvla \
            -Wconversion -Wno-unused-parameter -Werror

# No header but ours and the compiler's own; paths relative, so that the output
# is the same in any folder.
#
# No stack protector: a canary per thread would be one more secret and register
# access on each path; guard pages and W^X are what we rely on.
#
# No strict aliasing: page frames and messages change their type at run time.
cc_common := -std=gnu17 -O2 -g $(warnings) \
             -ffreestanding -nostdinc -isystem $(cc_headers) \
             -fno-strict-aliasing -fno-stack-protector -fcf-protection=none \
             -fno-asynchronous-unwind-tables -fno-unwind-tables \
             -ffunction-sections -fdata-sections \
             -fdebug-prefix-map=$(CURDIR)=.

# Only programs that declare 'FPU = yes' may touch FPU, MMX, SSE, AVX registers
cc_no_fpu := -mgeneral-regs-only

# Components, their libraries: position independent, all hidden but EXPORT.
# Calls into ld and shared libraries go through the GOT without a PLT.
cc_pic := -fPIC -fno-plt -fvisibility=hidden -ftls-model=initial-exec

# Core and ld: linked at a fixed address, anywhere, as LD_SCRIPT or LD_FLAGS say
cc_static := -fPIE -fvisibility=hidden -ftls-model=local-exec

# The kernel: in the uppermost 2 GiB, its stacks are written by interrupts
cc_kernel := -fno-pic -fvisibility=hidden -mcmodel=kernel -mno-red-zone

ld_common := -nostdlib --gc-sections --build-id=none -z noexecstack \
             -z max-page-size=4096 -z common-page-size=4096 -z norelro \
             --fatal-warnings --no-warn-rwx-segments

ld_static := $(ld_common) -static -no-pie

ld_dynamic := $(ld_common) -T tool/mk/component.ld --hash-style=sysv \
              -z now -z text -z defs --no-dynamic-linker

ld_pie    := $(ld_dynamic) -pie -e 0 \
             --require-defined=component_construct \
             --export-dynamic-symbol=component_construct
ld_shared := $(ld_dynamic) -shared

# Write a file when its content changes: rebuild for new flags or file lists
# $(call stamp,file,content); words are compared, since make 4.3 does not always
# remove the newline at the end
stamp  = $(call update,$1,$(strip $(file <$1)),$(strip $2))
update = $(if $(call differ,$2,$3),$(shell mkdir -p $(dir $1))$(file >$1,$3))
differ = $(if $(and $(findstring x$1x,x$2x),$(findstring x$2x,x$1x)),,yes)
