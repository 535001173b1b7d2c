/* SPDX-License-Identifier: MIT */
/** libFuzzer: any bytes as boot image and as ELF file */

#include <stdlib.h>
#include <util/string.h>
#include "memory/archive.h"
#include "memory/elf.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

/** Make the sums right, so that the fuzzer gets beyond them */
static void fix_sums(char *image, size_t size)
{
	uint64_t *const w = (void *)image;
	if (size < 64 + sizeof(struct archive_entry))
		return;
	uint32_t const n = (uint32_t)(w[1] >> 32);
	if (n <= (size - 64) / sizeof(struct archive_entry))
		w[3] = archive_sum(image + 64,
		                   n * sizeof(struct archive_entry), n);
}

static void try_archive(char const *image, size_t size)
{
	struct archive archive;
	struct archive_entry const *entry;
	if (archive_open(&archive, image, size))
		return;
	for (uint32_t i = 0; i < archive.count; i++)
		error_ignore(archive_find(&archive, archive.entries[i].name,
		                          &entry), "any outcome is fine");
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	struct elf_image elf;
	/* core has whole pages, too; the copy is as long as the input */
	char *const copy = aligned_alloc(64, (size + 64) & ~(size_t)63);
	memcpy(copy, data, size);
	if (elf_check(&elf, copy, size, 0x200000, 0x380000) == ERROR_OK)
		for (unsigned i = 0; i < elf.count; i++)
			if (elf.segment[i].offset + elf.segment[i].file_size
			    > size)
				abort();
	try_archive(copy, size);
	fix_sums(copy, size);
	try_archive(copy, size);
	free(copy);
	return 0;
}
