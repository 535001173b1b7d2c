# The C library: musl's own sources, from the port, as far as they need neither
# files nor processes. What is left out is missed when a program is linked.

LIB    = libc
SHARED = yes
PORTS  = musl
FPU    = yes
LIBS   = libc_sys

musl  := build/ports/musl
musl_parts := complex ctype env errno exit fenv internal locale malloc/mallocng math \
         multibyte prng search stdio stdlib string

# $(call musl_of,folder,files)
musl_of = $(patsubst %,$(musl)/src/$1/%.c,$2)

musl_c := $(wildcard $(musl_parts:%=$(musl)/src/%/*.c)) \
  $(wildcard $(musl)/src/thread/*.c) $(wildcard $(musl)/src/time/*.c) \
  $(call musl_of,conf,sysconf) \
  $(call musl_of,fcntl,open) \
  $(call musl_of,legacy,err getpagesize valloc) \
  $(call musl_of,linux,gettid sysinfo) \
  $(call musl_of,malloc,calloc free libc_calloc lite_malloc memalign \
    posix_memalign realloc reallocarray replaced) \
  $(call musl_of,misc,a64l basename dirname ffs ffsl ffsll getauxval getopt \
    getopt_long getrlimit getsubopt) \
  $(call musl_of,mman,madvise mmap mprotect mremap munmap) \
  $(call musl_of,regex,fnmatch regcomp regerror regexec tre-mem) \
  $(call musl_of,sched,affinity sched_cpucount sched_yield) \
  $(call musl_of,signal,block raise sigaddset sigandset sigdelset sigemptyset \
    sigfillset sigisemptyset sigismember siglongjmp sigorset sigprocmask \
    sigsetjmp_tail) \
  $(call musl_of,stat,fstat fstatat) \
  $(call musl_of,unistd,_exit close dup3 getpid isatty lseek read sleep usleep \
    write)

# Other processes, files of the system, signals; what libc_sys has; what enters
# the kernel by itself
musl_left_out := \
  $(call musl_of,env,__reset_tls) \
  $(call musl_of,fenv,fenv) \
  $(call musl_of,internal,vdso) \
  $(call musl_of,locale,catopen) \
  $(call musl_of,stdio,pclose popen remove rename tempnam tmpfile tmpnam) \
  $(call musl_of,thread,__set_thread_area __tls_get_addr __unmapself clone \
    pthread_cancel pthread_setname_np pthread_getname_np sem_open sem_unlink synccall \
    tls) \
  $(call musl_of,time,__map_file_ clock_settime ftime times timer_create \
    timer_delete timer_getoverrun timer_gettime timer_settime utime)

# Better variants of functions for this processor, without those in assembly
musl_arch := $(wildcard $(musl)/src/math/x86_64/*.c)
musl_replaced  := $(subst /x86_64/,/,$(musl_arch))

SRC_C = $(filter-out $(musl_left_out) $(musl_replaced),$(musl_c)) $(musl_arch)
SRC_S = assembly.S

# Headers are musl's own only, warnings their authors' business
CC_FLAGS = -std=c99 -D_XOPEN_SOURCE=700 -w -fvisibility=default \
  -fexcess-precision=standard -frounding-math \
  $(addprefix -I$(musl)/,. arch/x86_64 arch/generic obj/src/internal \
    src/include src/internal obj/include include)

# libc's references to itself need no look-up
LD_FLAGS = -Bsymbolic --undefined=libc_run
