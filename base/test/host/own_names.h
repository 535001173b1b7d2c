/* SPDX-License-Identifier: MIT */
/**
 * Put in front of each file of a host test: our functions beside the C
 * library's, which the sanitizers replace by their own
 */
#pragma once

#define memcpy  own_memcpy
#define memmove own_memmove
#define memset  own_memset
#define memcmp  own_memcmp
#define memchr  own_memchr
#define strlen  own_strlen
#define strnlen own_strnlen
#define strcmp  own_strcmp
#define strncmp own_strncmp
#define strchr  own_strchr
#define strrchr own_strrchr
