# SPDX-License-Identifier: MIT
#
# The build in one instance of make: all target.mk and lib.mk are read into one
# dependency graph, so that nothing is compiled twice and a second run costs
# next to nothing. Pass 1 (load.mk) reads descriptions and makes the compile
# rules, pass 2 (link.mk) makes the link rules, when all libraries are known.

MAKEFLAGS += -rR --no-print-directory
SHELL     := /bin/sh

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:
.SUFFIXES:

# Kernels to build for; a list is fine
KERNEL  ?= nova
kernels := nova hw
unknown := $(filter-out $(kernels),$(KERNEL))
$(if $(unknown),$(error KERNEL=$(unknown): known are $(kernels)))

# Set to anything to see the commands
V ?=
Q := $(if $(V),,@)

B := build
A := x86_64

include tool/mk/goals.mk

ifneq ($(filter-out $(light_goals),$(or $(MAKECMDGOALS),all)),)
include tool/mk/flags.mk
include tool/mk/rpc.mk
include tool/mk/load.mk
include tool/mk/link.mk
include tool/mk/host.mk
endif
