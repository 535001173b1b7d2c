/* SPDX-License-Identifier: MIT */
/* The schema that the run tool checks configurations against, too */

	.section .rodata
	.global sandbox_schema, sandbox_schema_end
	.hidden sandbox_schema, sandbox_schema_end
sandbox_schema:
	.incbin "os/src/init/init.hsd"
sandbox_schema_end:

	.section .note.GNU-stack, "", @progbits
