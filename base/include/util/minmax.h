/* SPDX-License-Identifier: MIT */
/** Smaller and larger of two values of one type; each is evaluated once */
#pragma once

#define min(a, b) __extension__ ({ \
	__typeof__((a) + 0) const min_a_ = (a); \
	__typeof__((b) + 0) const min_b_ = (b); \
	(void)(&min_a_ == &min_b_); \
	min_a_ < min_b_ ? min_a_ : min_b_; })

#define max(a, b) __extension__ ({ \
	__typeof__((a) + 0) const max_a_ = (a); \
	__typeof__((b) + 0) const max_b_ = (b); \
	(void)(&max_a_ == &max_b_); \
	max_a_ > max_b_ ? max_a_ : max_b_; })

/** Number of elements of an array (not of a pointer) */
#define array_length(array) (sizeof(array) / sizeof((array)[0]))
