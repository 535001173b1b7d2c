/* SPDX-License-Identifier: MIT */
/**
 * Calls, replies, faults: doc/ipc.md is the protocol
 */
#pragma once

/* Internal */
#include <kernel/ec.h>

/** System call of the running thread: arguments in its registers */
void ipc_call(struct ec *);

enum ipc_reply { IPC_REPLY_NONE, IPC_REPLY_SEND, IPC_REPLY_PARK };
void ipc_reply_wait(struct ec *, enum ipc_reply, bool poll);

/** Exception of the running thread: call its pager */
void ipc_fault(struct ec *, uint32_t vector, uint64_t error, uint64_t address);

/** Who is being served, NULL: nobody */
struct ec *ipc_caller(struct ec const *);

/** Walk the chain of the running SC; NULL: it waits now */
struct ec *ipc_help(struct ec *sc);

/** Become receptive, or take a pending signal */
void ipc_wait(struct ec *);

/** Reply from the message in the registers of 'ec' */
enum error ipc_reply(struct ec *) MUST_USE;
void ipc_park(struct ec *);
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
void ipc_remote_recall(struct ec *);
void ipc_recall(struct mail *);

/** End the calls from and to a dying thread; false: its record is away */
bool ipc_abort(struct ec *);

/** Wake whoever waits at the end of the chain that begins with 'ec' */
void ipc_wake_chain(struct ec *);

/** 'ec' runs on its own account and SC from now on */
void ipc_self_pay(struct ec *);

/** Take a pending signal: registers of 'ec' */
void ipc_take_signal(struct ec *);

/** The call of 'ec', which is at home, ended: OK: registers hold the reply */
void ipc_finish(struct ec *, enum error);

/** The caller of 'callee' does not wait for the reply any more */
void ipc_abandon(struct ec *callee);

/** Whether a call of 'ec' to the busy 'callee' closes a cycle, or is too deep */
bool ipc_cycle(struct ec const *ec, struct ec const *callee);
