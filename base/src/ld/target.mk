TARGET     = ld
PER_KERNEL = yes
LD_SCRIPT  = ld.ld
SYMBOLS    = symbols
SRC_DIRS   = base/src/lib/base base/src/lib/util base/src/lib/base/sys
RPC        = parent pd cpu rm rom log report dataspace irq io_port io_mem

SRC_S  = start.S
SRC_C  = main.c elf.c link.c tls.c

# base library
SRC_C += cap.c clock.c component.c config.c context.c entrypoint.c error.c heap.c \
         hid_rom.c init.c log.c mutex.c ram.c report.c resource.c rom.c \
         rpc.c service.c session.c signal.c thread.c trace.c
SRC_C += hid.c hid_check.c hid_scan.c hid_writer.c
SRC_C += $(notdir $(wildcard base/src/lib/base/sys/*.c))
SRC_C += avl.c format.c memory.c number.c string.c
