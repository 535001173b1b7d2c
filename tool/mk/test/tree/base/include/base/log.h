/* SPDX-License-Identifier: MIT */
#pragma once

extern long some_data;

void log_it(char const *string);
