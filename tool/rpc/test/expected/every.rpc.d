out/every.client.c out/every.server.c out/rpc/every.h: tool/rpc/test/session/every.h \
  base/include/base/session.h \
  base/include/base/cap.h \
  base/include/base/error.h \
  base/include/base/rpc.h \
  base/include/base/message.h \
  tool/rpc/test/session/kinds.h
tool/rpc/test/session/every.h:
base/include/base/session.h:
base/include/base/cap.h:
base/include/base/error.h:
base/include/base/rpc.h:
base/include/base/message.h:
tool/rpc/test/session/kinds.h:
