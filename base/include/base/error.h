/* SPDX-License-Identifier: MIT */
/**
 * One error type for every interface, the transport's errors included
 *
 * A layer can thus pass any error up without conversion. Each function's
 * comment lists which values it returns.
 */
#pragma once

/** Name, sentence */
#define ERRORS(X) \
	X(OK,          "success") \
	X(GONE,        "the object or its server no longer exists") \
	X(REFUSED,     "the object does not offer this operation") \
	X(DENIED,      "not permitted") \
	X(INVALID,     "invalid argument or capability") \
	X(NO_RAM,      "own RAM account is exhausted") \
	X(NO_CAPS,     "own capability account is exhausted") \
	X(DONATE_RAM,  "the session's RAM donation is too small") \
	X(DONATE_CAPS, "the session's capability donation is too small") \
	X(CONFLICT,    "already exists or overlaps") \
	X(NOT_FOUND,   "no such thing") \
	X(AGAIN,       "not yet available") \
	X(LIMIT,       "a fixed bound is exceeded") \
	X(DEPTH,       "call chain too deep") \
	X(WINDOW,      "the receiver takes fewer capabilities") \
	X(KERNEL_RAM,  "kernel memory of the domain is exhausted") \
	X(CORRUPT,     "malformed data")

#define ERROR_NAME_(name, sentence) ERROR_##name,
enum error { ERRORS(ERROR_NAME_) N_ERRORS };
#undef ERROR_NAME_

#define MUST_USE __attribute__((warn_unused_result))

/** The sentence of 'error'; never NULL, static storage */
char const *error_text(enum error error);

/** Ignore an error where that is right; 'why' is for the reader */
static inline void error_ignore(enum error error, char const *why)
{
	(void)error;
	(void)why;
}
