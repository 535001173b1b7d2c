/* SPDX-License-Identifier: MIT */
/* What musl has in assembly only, or better so, and makes no system call */
#include "src/setjmp/x86_64/setjmp.s"
#include "src/setjmp/x86_64/longjmp.s"
#include "src/signal/x86_64/sigsetjmp.s"
#include "src/fenv/x86_64/fenv.s"
	.section .note.GNU-stack, "", @progbits
