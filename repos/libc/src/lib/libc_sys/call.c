/* SPDX-License-Identifier: MIT */
/*
 * What musl asks its operating system for, by the numbers of Linux
 *
 * Each other number is answered by ENOSYS, and noted in the log the first time.
 */

/* public */
#include <base/component.h>
#include <base/log.h>
#include <session/cpu.h>

/* musl */
#include <errno.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>

/* local */
#include "sys.h"

enum { NUMBERS = 512 };

static uint64_t noted[NUMBERS / 64];

static long missing(long number)
{
	uint64_t const bit = 1ul << (number & 63);
	if (number < 0 || number >= NUMBERS
	    || !(__atomic_fetch_or(&noted[number / 64], bit, __ATOMIC_RELAXED)
	         & bit))
		log_warning("libc: there is no system call %ld", number);
	return -ENOSYS;
}

/* -- the component -- */

static void exit_group(int status) __attribute__((noreturn));
static void exit_group(int status)
{
	output_flush();
	thread_stop_others();
	if (status)
		log_error("exit status %d", status);
	if (libc_env)
		component_exit(libc_env, status ? ERROR_REFUSED : ERROR_OK);
	for (;;)
		signal_wait((signal_cap_t) { 0 });
}

/** A signal of POSIX; nobody can handle it, so it ends the component */
static void terminate(int signal) __attribute__((noreturn));
static void terminate(int signal)
{
	log_error("libc: signal %d", signal);
	exit_group(128 + signal);
}

/** A thread may be on the CPUs of the component: a bit each */
static long cpu_set(size_t size, uint64_t *mask)
{
	uint32_t count = 1;
	if (size < sizeof *mask)
		return -EINVAL;
	if (libc_env)
		error_ignore(cpu_count(libc_env->cpu, &count), "one there is");
	*mask = count >= 64 ? ~0ul : (1ul << count) - 1;
	return sizeof *mask;
}

/* -- files: three, which have no names -- */

static long write_parts(int fd, struct iovec const *part, int count)
{
	long sum = 0;
	for (int i = 0; i < count; i++) {
		long const n = output_write(fd, part[i].iov_base, part[i].iov_len);
		if (n < 0)
			return n;
		sum += n;
	}
	return sum;
}

static bool is_file(long fd)
{
	return fd >= 0 && fd <= 2;
}

static long file_call(long number, long a, long b, long c)
{
	switch (number) {
	case SYS_write:
		return output_write((int)a, (void const *)b, (size_t)c);
	case SYS_writev:
		return write_parts((int)a, (struct iovec const *)b, (int)c);
	case SYS_read:          /* standard input has ended */
	case SYS_readv:
	case SYS_close:
		return is_file(a) ? 0 : -EBADF;
	case SYS_lseek:
		return is_file(a) ? -ESPIPE : -EBADF;
	case SYS_open:
	case SYS_openat:
		return -ENOENT;
	case SYS_ioctl:         /* makes musl write line by line */
		if (is_file(a) && b == TIOCGWINSZ) {
			*(struct winsize *)c = (struct winsize) { 0 };
			return 0;
		}
		return -ENOTTY;
	default:
		return missing(number);
	}
}

/* -- time and futexes -- */

static long futex(int volatile *word, int operation, int value, long d,
                  int volatile *other)
{
	struct timespec const *const time = (struct timespec const *)d;
	unsigned const count = value < 0 ? 0 : (unsigned)value;
	switch (operation & ~FUTEX_PRIVATE) {
	case FUTEX_WAIT:
		return futex_wait(word, value, time ? clock_deadline(time) : ~0ul);
	case FUTEX_WAKE:
		return futex_wake(word, count);
	case FUTEX_REQUEUE:
		return futex_requeue(word, count, (unsigned)d, other);
	default:
		return missing(SYS_futex);
	}
}

static long time_call(long number, long a, long b, long c, long d, long e)
{
	switch (number) {
	case SYS_futex:
		return futex((int volatile *)a, (int)b, (int)c, d,
		             (int volatile *)e);
	case SYS_clock_gettime:
		return clock_read((clockid_t)a, (struct timespec *)b);
	case SYS_clock_getres:
		return clock_resolution((clockid_t)a, (struct timespec *)b);
	case SYS_nanosleep:
		return clock_sleep(CLOCK_MONOTONIC, 0, (struct timespec *)a);
	case SYS_clock_nanosleep:
		return clock_sleep((clockid_t)a, (int)b, (struct timespec *)c);
	default:
		return file_call(number, a, b, c);
	}
}

/* -- threads and the component -- */

static long thread_call(long number, long a, long b, long c, long d, long e)
{
	switch (number) {
	case SYS_exit:
		thread_exit();
	case SYS_exit_group:
		exit_group((int)a);
	case SYS_tkill:
		if (b)
			terminate((int)b);
		return 0;
	case SYS_set_tid_address:
		thread_running()->clear = (int volatile *)a;
		return thread_running()->tid;
	case SYS_gettid:
		return thread_running()->tid;
	case SYS_getpid:
		return 1;
	case SYS_sched_yield:
		thread_yield();
		return 0;
	case SYS_sched_getaffinity:
		return cpu_set((size_t)b, (uint64_t *)c);
	case SYS_rt_sigprocmask: /* signals do not come */
	case SYS_rt_sigaction:
	case SYS_set_robust_list:
		return 0;
	default:
		return time_call(number, a, b, c, d, e);
	}
}

long libc_system_call(long number, long a, long b, long c, long d, long e, long f)
{
	switch (number) {
	case SYS_mmap:
		return memory_map((uintptr_t)a, (size_t)b, (int)c, (int)d);
	case SYS_mprotect:
		return memory_protect((uintptr_t)a, (size_t)b, (int)c);
	case SYS_munmap:
		thread_reap();
		return memory_unmap((uintptr_t)a, (size_t)b);
	case SYS_madvise:       /* advice need not be followed */
	case SYS_brk:           /* the break does not move: musl maps instead */
		return 0;
	case SYS_mremap:        /* musl copies then */
		return -ENOSYS;
	default:
		return thread_call(number, a, b, c, d, e);
	}
}
