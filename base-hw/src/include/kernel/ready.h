/* SPDX-License-Identifier: MIT */
/** As on base-nova, so far */
#pragma once

#include "../../../../base-nova/src/include/kernel/ready.h"
