/* SPDX-License-Identifier: MIT */
/**
 * Entropy: random numbers, and how good they are
 *
 * They are the output of a generator (ChaCha20, the key replaced after each
 * block), into which each call stirs what the CPU offers and the time of the
 * call. With ENTROPY_RDSEED or ENTROPY_RDRAND they are as unpredictable as the
 * CPU's manufacturer says, with ENTROPY_JITTER as times of calls are, which is
 * too little for keys: nobody has measured it. In a virtual machine, the CPU is
 * what the host makes of it.
 */
#pragma once

#include <base/session.h>
#include <base/rpc.h>

typedef struct { cap_t cap; } entropy_cap_t;

SERVICE(entropy, "Entropy", 6 * 1024, 2);

WIRE struct entropy_block { uint64_t a, b, c, d; };

RPC enum error entropy_read(entropy_cap_t entropy, OUT struct entropy_block *block);

/** Best source so far */
WIRE enum entropy_source { ENTROPY_JITTER, ENTROPY_RDRAND, ENTROPY_RDSEED };

RPC enum error entropy_quality(entropy_cap_t entropy,
                               OUT enum entropy_source *source,
                               OUT bool *virtual_machine);
