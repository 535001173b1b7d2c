# SPDX-License-Identifier: MIT
TARGET = test-latency
SRC_C  = main.c
