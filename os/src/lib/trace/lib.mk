LIB       = trace
SRC_C     = monitor.c text.c
RPC       = trace
RPC_TABLE = yes
