/* SPDX-License-Identifier: MIT */
/* The library proper: formatting, numbers, sorting, strings, jumps, streams */

/* musl */
#include <errno.h>
#include <fenv.h>
#include <inttypes.h>
#include <limits.h>
#include <locale.h>
#include <math.h>
#include <regex.h>
#include <setjmp.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

/* local */
#include "test.h"

static char constructed[32];

/** Runs before 'main', on the component's first thread */
__attribute__((constructor))
static void construct(void)
{
	errno = EDOM;
	snprintf(constructed, sizeof constructed, "%s %d %.1f", "early", errno, 0.5);
	/* there is no account to take memory from yet: an error, not a fault */
	void *const memory = malloc(1 << 20);
	if (memory)
		constructed[0] = 0;
	free(memory);
}

#define formatted(text, ...) do { \
	char own[128]; \
	int const n = snprintf(own, sizeof own, __VA_ARGS__); \
	check(!strcmp(own, text) && n == (int)strlen(text), \
	      "\"%s\" instead of \"%s\"", own, text); \
} while (0)

static void formats(void)
{
	formatted("42 -1 0x2a 052 %", "%d %i %#x %#o %%", 42, -1, 42, 42);
	formatted("18446744073709551615", "%" PRIu64, UINT64_MAX);
	formatted("[   ab][ab   ][00042]", "[%5s][%-5s][%05d]", "ab", "ab", 42);
	formatted("3.141593 1e+100 0.0001", "%f %g %g", 3.14159265, 1e100, 1e-4);
	formatted("0.10000000000000001", "%.17g", 0.1);
	formatted("0x1.999999999999ap-4", "%a", 0.1);
	formatted("-inf nan -0.0", "%f %f %.1f", -INFINITY, (double)NAN, -0.0);
	/* 64 bits of mantissa: the x87 unit computes with extended precision */
	formatted("0.3333333333333333333", "%.19Lf", 1.0L / 3.0L);
	formatted("1.18973149535723176502e+4932", "%.20Le", 0x1.fffffffffffffffep+16383L);
	formatted("5e-324", "%.0e", 0x1p-1074);
	check(setlocale(LC_ALL, "C.UTF-8") && mblen("\xe2\x82\xac", 3) == 3, "UTF-8");
	formatted("\xe2\x82\xac", "%ls", L"\u20ac");
}

static void numbers(void)
{
	char *end;
	check(strtod("1.7976931348623157e308x", &end) == 0x1.fffffffffffffp+1023
	      && *end == 'x', "largest number");
	check(strtod("2.2250738585072011e-308", NULL) == 0x0.fffffffffffffp-1022,
	      "the number that hung others");
	check(strtold("0.1", NULL) == 0.1L, "long double");
	errno = 0;
	check(strtod("1e999", NULL) == HUGE_VAL && errno == ERANGE, "overflow");
	check(strtol("-0x7fz", &end, 16) == -0x7f && *end == 'z', "hexadecimal");
	errno = 0;
	check(strtol("99999999999999999999", NULL, 10) == LONG_MAX
	      && errno == ERANGE, "out of range");
	uint64_t state = 1;
	for (int i = 0; i < 2000; i++) {
		char text[40];
		double number;
		state = state * 6364136223846793005u + 1442695040888963407u;
		memcpy(&number, &state, sizeof number);
		if (!isfinite(number))
			continue;
		snprintf(text, sizeof text, "%.17g", number);
		check(strtod(text, NULL) == number, "%s is another number", text);
	}
}

static void mathematics(void)
{
	double volatile two = 2, half = 0.5;
	check(sqrt(two) == 0x1.6a09e667f3bcdp+0, "sqrt");
	check(fabs(sin(half) - 0.479425538604203) < 1e-15, "sin");
	check(pow(two, 10) == 1024 && exp(0) == 1 && cbrt(27) == 3, "pow");
	check(fabsl(expl(1) - 2.718281828459045235L) < 1e-18L, "expl");
	check(lrint(2.5) == 2 && lrint(3.5) == 4, "ties go to even numbers");
	check(!fesetround(FE_UPWARD) && lrint(2.1) == 3, "round upwards");
	check(!fesetround(FE_TONEAREST) && lrint(2.1) == 2, "round to nearest");
	feclearexcept(FE_ALL_EXCEPT);
	check(1 / (two - 2) == INFINITY && fetestexcept(FE_DIVBYZERO), "flag");
}

static int ascending(void const *a, void const *b)
{
	int const x = *(int const *)a, y = *(int const *)b;
	return (x > y) - (x < y);
}

static void sorting(void)
{
	enum { COUNT = 5000 };
	static int value[COUNT];
	unsigned state = 7;
	long sum = 0;
	for (int i = 0; i < COUNT; i++) {
		value[i] = rand_r(&state) % 100000;
		sum += value[i];
	}
	qsort(value, COUNT, sizeof *value, ascending);
	for (int i = 0; i < COUNT; i++) {
		check(!i || value[i - 1] <= value[i], "not sorted at %d", i);
		sum -= value[i];
	}
	check(!sum, "other values");
	int const key = value[COUNT / 3];
	int const *const found = bsearch(&key, value, COUNT, sizeof *value, ascending);
	check(found && *found == key, "bsearch");
}

static void strings(void)
{
	char text[] = "one,two,,three", *rest = text;
	char const *part;
	regex_t expression;
	regmatch_t match[2];
	int n = 0;
	while ((part = strtok_r(rest, ",", &rest)))
		n += (int)strlen(part);
	check(n == 11, "strtok_r");
	check(!strcmp(strstr("a needle in hay", "needle"), "needle in hay"), "strstr");
	check(!strcmp(strerror(ENOMEM), "Out of memory"), "strerror");
	check(!regcomp(&expression, "b([0-9]+)c", REG_EXTENDED), "regcomp");
	check(!regexec(&expression, "ab123cd", 2, match, 0)
	      && match[1].rm_so == 2 && match[1].rm_eo == 5, "regexec");
	regfree(&expression);
}

static jmp_buf target;

__attribute__((noinline))
static void jump(int value)
{
	longjmp(target, value);
}

__attribute__((noinline))
static void call(void (*function)(int), int value)
{
	function(value);
}

static void jumps(void)
{
	int volatile before = 1;
	int const value = setjmp(target);
	if (!value) {
		before = 2;
		call(jump, 5);
	}
	check(value == 5 && before == 2, "longjmp");
}

/** Nobody gave us files */
static void streams(void)
{
	char text[16];
	FILE *const memory = fmemopen(text, sizeof text, "w");
	check(memory && fprintf(memory, "%d", 77) == 2 && !fclose(memory)
	      && !strcmp(text, "77"), "fmemopen");
	errno = 0;
	FILE *const file = fopen("/etc/passwd", "r");
	check(!file && errno == ENOENT, "a file");
	check(getchar() == EOF && feof(stdin), "input");
	errno = 0;
	check(write(7, "x", 1) == -1 && errno == EBADF, "file 7");
	errno = 0;
	check(dup3(1, 5, 0) == -1 && errno == ENOSYS, "dup3");
	fprintf(stderr, "line one\nline ");
	fprintf(stderr, "two\n");
	for (int i = 0; i < 60; i++)
		printf("%s", "1234567\xe2\x82\xac");
	printf("\n");
	check(sysconf(_SC_NPROCESSORS_ONLN) >= 1, "processors");
}

void test_library(void)
{
	check(!strcmp(constructed, "early 33 0.5"), "constructor: %s", constructed);
	formats();
	numbers();
	mathematics();
	sorting();
	strings();
	jumps();
	streams();
	printf("library: ok\n");
}
