/* SPDX-License-Identifier: MIT */
/** From an embedded object to the object around it */
#pragma once

#include <stddef.h>

/** Object of 'type' whose 'member' is at 'pointer'; refuses a wrong type */
#define container_of(pointer, type, member) __extension__ ({ \
	__typeof__(((type *)0)->member) *member_ = (pointer); \
	(type *)(void *)((char *)member_ - offsetof(type, member)); })

/** Same for a pointer to const */
#define container_of_const(pointer, type, member) __extension__ ({ \
	__typeof__(((type *)0)->member) const *member_ = (pointer); \
	(type const *)(void const *)((char const *)member_ \
	                             - offsetof(type, member)); })
