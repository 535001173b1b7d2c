LIB   = sandbox
SRC_C = sandbox.c child.c connection.c config_rom.c grant.c parent.c policy.c \
        quota.c route.c report.c
SRC_S = schema.S
RPC   = parent rom

$B/$A/obj/sandbox/os/src/lib/sandbox/schema.o: os/src/init/init.hsd
