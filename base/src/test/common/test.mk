# SPDX-License-Identifier: MIT
# What each conformance test needs
SRC_C    := $(or $(SRC_C),main.c)
SRC_DIRS  = base/src/test/common
LIBS      = test
