/* SPDX-License-Identifier: MIT */
/** Schema of the sandbox's configuration: init.hsd, as text in the program */
#pragma once

#define HIDDEN __attribute__((visibility("hidden")))

extern HIDDEN char const sandbox_schema[];
extern HIDDEN char const sandbox_schema_end[];

#undef HIDDEN
