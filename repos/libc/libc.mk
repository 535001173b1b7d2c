# SPDX-License-Identifier: MIT
#
# For the description of a program with 'main': include it behind the rest. Its
# headers are those of the compiler and of musl.
PORTS    += musl
FPU       = yes
LIBS     += libc libc_start
CC_FLAGS += -fhosted -D_GNU_SOURCE -isystem build/ports/musl/headers
