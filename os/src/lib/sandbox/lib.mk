LIB   = sandbox
SRC_C = sandbox.c add.c behind.c child.c config.c config_rom.c connection.c \
        grant.c limit.c parent.c policy.c quota.c report.c route.c
SRC_S = schema.S
RPC   = parent rom

$B/$A/obj/sandbox/os/src/lib/sandbox/schema.o: os/src/init/init.hsd
