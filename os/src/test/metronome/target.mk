# SPDX-License-Identifier: MIT
TARGET = test-metronome
SRC_C  = main.c
RPC    = io_port
