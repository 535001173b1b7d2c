/* SPDX-License-Identifier: MIT */
#pragma once

int plain(void);
__attribute__((visibility("default"))) int shared(void);
