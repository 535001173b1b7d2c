/* SPDX-License-Identifier: MIT */
/** The formatter against the C library's, for what both understand */

#include "test.h"
#include <inttypes.h>
#include <stdio.h>
#include <util/format.h>
#include <util/minmax.h>
#include <util/string.h>

#pragma GCC diagnostic ignored "-Wformat"
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-truncation"
#pragma GCC diagnostic ignored "-Wformat-zero-length"

/** Both formatters, at several buffer sizes */
#define SAME(...) do { \
	for (size_t size_ = 0; size_ <= 64; size_ += 1 + size_ / 2) { \
		char ours_[65] = "untouched", libc_[65] = "untouched"; \
		size_t const a_ = format_text(ours_, size_, __VA_ARGS__); \
		int const b_ = snprintf(libc_, size_, __VA_ARGS__); \
		if (a_ != (size_t)b_ || !string_equal(ours_, libc_)) { \
			printf("'%s' instead of '%s'\n", ours_, libc_); \
			CHECK(false); \
		} \
	} } while (0)

static void texts(void)
{
	SAME("");
	SAME("plain %% text");
	SAME("%s", "abc");
	SAME("[%8s] [%-8s] [%.2s] [%1s]", "abc", "abc", "abc", "abc");
	SAME("[%*s] [%-*s] [%.*s] [%*s]", 6, "abc", 6, "abc", 1, "abc", -6, "abc");
	SAME("%c%3c%-3c|", 'a', 'b', 'c');
	char const *volatile none = NULL;
	SAME("%s", none);
}

static void integers(void)
{
	SAME("%d %i %u %x %X", -42, 42, 42u, 0xbeefu, 0xbeefu);
	SAME("%ld %lu %lx", INT64_MIN, UINT64_MAX, UINT64_MAX);
	SAME("%lld %llu %zu %zx %jd %td", -1ll, 1ull, sizeof(int), (size_t)255,
	     (intmax_t)-9, (ptrdiff_t)-8);
	SAME("%hhd %hhu %hd %hu %hx", 300, 300, 70000, 70000, 70000);
	SAME("[%08x] [%8x] [%-8x] [%016lx]", 0xabc, 0xabc, 0xabc, 0xabcl);
	SAME("[%05d] [%5d] [%-5d] [%.3d] [%.0d]", -42, -42, -42, 7, 1);
	SAME("[%0*d] [%*d]", 6, -3, -6, 3);
	SAME("%" PRIu64 " %" PRIx32, (uint64_t)1 << 40, 77u);
	SAME("[%p] [%20p]", (void *)texts, (void *)0x1234);
}

static void unknown(void)
{
	char text[64];
	CHECK(format_text(text, sizeof text, "%n %q %") == 7);
	CHECK(string_equal(text, "%n %q %"));
	format_text(text, sizeof text, "%99999999999999999999q");
	CHECK(string_equal(text, "%99999999999999999999q"));
	CHECK(format_text(text, 4, "%40000d", 1) == 4099 || text[3] == 0);
}

int main(void)
{
	static struct test_case const cases[] = {
		{ "format.text", texts }, { "format.integer", integers },
		{ "format.unknown", unknown },
	};
	return test_run(cases, array_length(cases));
}
