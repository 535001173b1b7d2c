# SPDX-License-Identifier: MIT
#
# Stubs: each session header is translated once into sources in rpc_dir and,
# for components, compiled into one archive a header; the linker takes from it
# what is used, client or server side.

rpc_dir := $B/$A/rpc

rpc_session := $(shell grep -lE '^(RPC|SERVICE)\>' /dev/null \
  $(wildcard base/include/session/*.h os/include/session/*.h \
             repos/*/include/session/*.h))
rpc_names   := $(basename $(notdir $(rpc_session)))
rpc_header   = $(or $(firstword $(filter %/$1.h,$(rpc_session))), \
               $(error $(mk): RPC = $1: no session/$1.h in any include folder))
rpc_include  = $(rpc_dir)
rpc_headers :=
rpc_sources  = $(foreach r,$1,$(if $(call rpc_header,$r),$(rpc_dir)/$r.c))
rpc_archives = $(foreach r,$1,$(if $(call rpc_header,$r),$(rpc_dir)/$r.a))
