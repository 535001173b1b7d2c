# SPDX-License-Identifier: MIT
#
# Entry of the build. 'make help' lists the goals; the engine is in tool/mk.

include tool/mk/main.mk
