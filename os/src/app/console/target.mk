TARGET = console
SRC_C  = main.c screen.c line.c journal.c subsystem.c usage.c table.c command.c tour.c \
         steps.c watch.c
LIBS   = base sandbox trace
RPC    = log terminal io_port
