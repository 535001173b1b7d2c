/* SPDX-License-Identifier: MIT */
/**
 * What our plugins use of QEMU's interface for TCG plugins, version 1
 *
 * Debian has no header for it. Names, types and values are the binary interface of
 * QEMU 4.2 to 8.0 as its documentation tells (docs/devel/tcg-plugins); the
 * functions are in the emulator, which loads a plugin by "-plugin file,name=value".
 *
 * A translation block is a straight run of instructions. It is told when it is
 * translated, and then says what it wants to know of its execution.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PLUGIN_EXPORT __attribute__((visibility("default")))

enum { QEMU_PLUGIN_VERSION = 1 };

/** Flags of callbacks: they read and write no guest register */
enum qemu_flags { QEMU_NO_REGISTERS = 0 };

/** Accesses that a memory callback is for */
enum qemu_access { QEMU_READS = 1, QEMU_WRITES = 2 };

typedef uint64_t qemu_plugin_id_t;

struct qemu_info {
	char const *target;
	struct { int least, current; } version;
	bool        system;
	struct { int cpus, cpus_most; } machine;
};

struct qemu_block;
struct qemu_instruction;
struct qemu_address;

typedef void (*qemu_translated)(qemu_plugin_id_t, struct qemu_block *);
typedef void (*qemu_executed)(unsigned cpu, void *user);
typedef void (*qemu_accessed)(unsigned cpu, uint32_t info, uint64_t virt,
                              void *user);
typedef void (*qemu_ended)(qemu_plugin_id_t, void *user);

/* Exported by the plugin */
extern PLUGIN_EXPORT int qemu_plugin_version;
PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id,
	struct qemu_info const *info, int argc, char **argv);

/* Exported by QEMU */
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t, qemu_translated);
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_block *, qemu_executed,
	enum qemu_flags, void *user);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_instruction *,
	qemu_executed, enum qemu_flags, void *user);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_instruction *, qemu_accessed,
	enum qemu_flags, enum qemu_access, void *user);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t, qemu_ended, void *user);

size_t   qemu_plugin_tb_n_insns(struct qemu_block const *);
struct qemu_instruction *qemu_plugin_tb_get_insn(struct qemu_block const *, size_t);
uint64_t qemu_plugin_insn_vaddr(struct qemu_instruction const *);
size_t   qemu_plugin_insn_size(struct qemu_instruction const *);
void const *qemu_plugin_insn_data(struct qemu_instruction const *);
struct qemu_address *qemu_plugin_get_hwaddr(uint32_t info, uint64_t virt);
bool     qemu_plugin_hwaddr_is_io(struct qemu_address const *);
uint64_t qemu_plugin_hwaddr_phys_addr(struct qemu_address const *);
bool     qemu_plugin_mem_is_store(uint32_t info);
unsigned qemu_plugin_mem_size_shift(uint32_t info);
