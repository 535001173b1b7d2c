/* SPDX-License-Identifier: MIT */
/**
 * Calls, replies, faults: doc/ipc.md is the protocol
 */
#pragma once

/* Internal */
#include <kernel/ec.h>

/** System call of the running thread: arguments in its registers */
void ipc_call(struct ec *);

/** Same. The call that is served ends so: OK: reply; AGAIN: its fault is parked */
void ipc_reply_wait(struct ec *, enum error outcome);

/** Exception of the running thread: call its pager */
void ipc_fault(struct ec *, uint32_t vector, uint64_t error, uint64_t address);

/** Walk the chain of the running SC; NULL: it waits now */
struct ec *ipc_help(struct ec *sc);

/** The fault of 'ec' was parked, or will be */
void ipc_unpark(struct ec *);

/** Move the record of a call to the callee's CPU, or back home */
void ipc_remote_send(struct ec *, struct cpu *);
void ipc_remote_return(struct ec *, enum error outcome);

/** A record arrived on the running CPU */
void ipc_remote_receive(struct mail *);

/**
 * The record is wanted at home, the thread dies: ask for it; at its CPU, send it
 *
 * Its mail is used for nothing else, so that the CPU that gets it has nothing to
 * pass on: in the last round before the memory is freed nobody may (rule 11).
 */
void ipc_recall(struct mail *);

/** End the calls from and to a dying thread; false: its record is away */
bool ipc_abort(struct ec *);

/** Wake whoever waits at the end of the chain that begins with 'ec' */
void ipc_wake_chain(struct ec *);

/** The call of 'ec', which is at home, ended: OK: registers hold the reply */
void ipc_finish(struct ec *, enum error);

/** The caller of 'callee' does not wait for the reply any more */
void ipc_abandon(struct ec *callee);
