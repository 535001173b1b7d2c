/* SPDX-License-Identifier: MIT */
/* Sentences for errors */

#include <base/error.h>

char const *error_text(enum error error)
{
	static char const *const text[N_ERRORS] = {
#define SENTENCE(name, sentence) [ERROR_##name] = sentence,
		ERRORS(SENTENCE)
#undef SENTENCE
	};
	return (unsigned)error < N_ERRORS ? text[error] : "unknown error";
}
