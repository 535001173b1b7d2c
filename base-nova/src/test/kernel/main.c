/* SPDX-License-Identifier: MIT */

/* Local */
#include "lab.h"
#include "tests.h"

void core_main(void);


void core_main(void)
{
	lab_init();
	print("kernel test: %u CPUs", kernel_boot_info()->n_cpus);
	check_all();
	if (kernel_boot_info()->n_cpus > 1)
		check_smp();
	fuzz();
	bench_all();
	lab_exit();
}
