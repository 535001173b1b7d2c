# SPDX-License-Identifier: MIT
#
# Core as both kernels have it; each adds its implementation of core/kernel.h

SRC_C = clock.c entrypoint.c log.c main.c modules.c object.c pool.c root.c \
        session.c start.c state.c work.c kernel.c \
        component/backing.c component/budget.c component/clone.c \
        component/cpu.c component/dataspace.c component/fault.c \
        component/pd.c component/region_map.c component/start.c \
        component/thread.c component/trace.c \
        memory/archive.c memory/arena.c memory/elf.c memory/frames.c \
        memory/range.c memory/regions.c memory/ring.c \
        service/claim.c service/entropy.c service/io_mem.c service/io_port.c service/irq.c \
        service/log.c service/rm.c service/rom.c service/system.c service/trace.c \
        base/src/lib/base/error.c base/src/lib/base/hid.c \
        base/src/lib/base/hid_scan.c base/src/lib/base/hid_writer.c \
        base/src/lib/util/avl.c base/src/lib/util/format.c \
        base/src/lib/util/memory.c base/src/lib/util/number.c \
        base/src/lib/util/string.c

RPC   = cpu dataspace entropy io_mem io_port irq log parent pd rm rom system trace
