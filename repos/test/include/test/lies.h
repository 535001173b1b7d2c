/* SPDX-License-Identifier: MIT */
/**
 * What a server says about memory that is not as it says, and what comes of it
 *
 * The n-th call of rom_dataspace is answered with the n-th line, and so on in a
 * circle; the memory is one page, if it is any.
 */
#pragma once

/** What is handed out: a page, one that was freed, no memory at all, nothing */
enum lie_memory { LIE_PAGE, LIE_DEAD, LIE_OTHER, LIE_NOTHING };

/** Size that is claimed, what is handed out, what the client gets */
#define LIES(X) \
	X(1ul << 30,     LIE_PAGE,    ERROR_CORRUPT) \
	X(4097,          LIE_PAGE,    ERROR_CORRUPT) \
	X(1ul << 63,     LIE_PAGE,    ERROR_CORRUPT) \
	X(~0ul,          LIE_PAGE,    ERROR_CORRUPT) \
	X(~0ul - 4094,   LIE_PAGE,    ERROR_CORRUPT) \
	X(~0ul - 4095,   LIE_PAGE,    ERROR_CORRUPT) \
	X(0,             LIE_PAGE,    ERROR_OK) \
	X(1,             LIE_PAGE,    ERROR_OK) \
	X(4095,          LIE_PAGE,    ERROR_OK) \
	X(4096,          LIE_PAGE,    ERROR_OK) \
	X(4096,          LIE_PAGE,    ERROR_GONE) /* see below */ \
	X(4096,          LIE_DEAD,    ERROR_INVALID) \
	X(0,             LIE_DEAD,    ERROR_INVALID) \
	X(4096,          LIE_OTHER,   ERROR_CORRUPT) \
	X(4096,          LIE_NOTHING, ERROR_CORRUPT)

/**
 * Byte that the page is full of, until the server frees it, in rom_changed
 *
 * Where GONE is to come of it, that is between the answer and the attachment.
 */
enum { LIE_CONTENT = 'x' };

/**
 * The buffers of a Report session in the same way: so many bytes are asked for,
 * and there is one page; "writable", or one to be read only
 */
#define REPORT_LIES(X) \
	X(4096,     true,  ERROR_OK) \
	X(65536,    true,  ERROR_CORRUPT) \
	X(4097,     true,  ERROR_CORRUPT) \
	X(4096,     false, ERROR_DENIED)
