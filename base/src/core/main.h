/* SPDX-License-Identifier: MIT */
/** Where the start code of each kernel enters core */
#pragma once

/** Core's first thread runs this; it does not return */
void core_main(void);
