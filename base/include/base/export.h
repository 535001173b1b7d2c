/* SPDX-License-Identifier: MIT */
/**
 * What other files of a process may see
 *
 * Components and shared libraries are built with hidden visibility: a symbol
 * without this word is seen in its own ELF file only.
 */
#pragma once

#define EXPORT __attribute__((visibility("default")))
