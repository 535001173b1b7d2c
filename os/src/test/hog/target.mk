# SPDX-License-Identifier: MIT
TARGET = test-hog
SRC_C  = main.c
RPC    = cpu
