/* SPDX-License-Identifier: MIT */
/*
 * IPC protocol of doc/ipc.md: three execution contexts on two CPUs
 *
 * Each CPU is a process. A system call is a run of atomic steps; a step reads or
 * writes at most one thing that the other CPU may change, so that every
 * interleaving that matters is seen. EC i has one portal, named i, its SC is
 * called i, too; EC SIGEC has one signal. What the ECs may do is set by the
 * scene. -DBUG_n breaks one rule; 'verify' expects each to be found.
 */

#define NE   3
#define NO   7                          /* no EC, no SC */
#define BIT(i) (1 << (i))

/* States of an EC */
#define RUN   0
#define WAIT  1
#define SEND  2
#define CALL  3
#define AWAY  4
#define BLOCK 5
#define PARK  6
#define DEAD  7

/* Outcomes of a call */
#define REPLY  0
#define GONE   1
#define DEPTH  2
#define PARKED 3
#define AGAIN  4                        /* not here: call anew */

/* Owner of an SC and its record: CPU 0, CPU 1 or */
#define MAIL 2
#define FREE 3

/* Kinds of objects that are destroyed */
#define NONE   0
#define PORTAL 1
#define EC     2
#define SIGNAL 3

#include "scene.h"

mtype = { M_RECORD, M_RECALL, M_KILL, M_UNPARK, M_SIGNAL, M_PORTAL_DIE,
          M_SIGNAL_DIE, M_EVENT, M_MOVE, M_ARRIVE };

chan mailbox[2] = [10] of { mtype, byte };

#ifdef BUG_14
mtype mail_0; byte mail_1;
#endif

#ifdef MOVES
byte home[NE];                          /* that may change it */
bit  to_move[NE];                       /* asked to move to the other one */
byte name[NE];                          /* callee, on the way home for AGAIN */
byte moves_left = MOVES;
#endif

/* ECs: each written by its own CPU only */
byte st[NE];
bit  dying[NE];                         /* killed, record not home yet */
byte caller[NE] = NO;                   /* accepted call that is served */
byte payer[NE];
byte depth[NE];
bit  fault[NE];                         /* outgoing call is a fault */
bit  unpark[NE];                        /* unparked before it was parked */
bit  last_signal[NE];                   /* last event taken was a signal */

/* Outgoing call: the record; owned by whoever owns the SC */
byte callee[NE] = NO;
bit  accepted[NE];                      /* by a callee on the other CPU */
byte outcome[NE];
byte owner[NE];

/* SCs: exactly one place each */
byte ready[2];                          /* ready queue of a CPU */
byte queued[NE];                        /* SCs queued at an EC */
byte current[2] = NO;                   /* SC that a CPU runs on */

byte running[2] = NO;                   /* EC that a CPU runs */

/* Signal, bound to SIGEC */
bit  count, pending;

/* Objects' life */
bit  portal_dead[NE], ec_dead[NE], signal_dead;
bit  returned_portal[NE], freed[NE], signal_freed;

/* Destruction in progress: one at a time */
byte phase, kind, victim = NO;
bit  unlinked;
bit  again;                             /* the victim's kill takes more steps */

/* Rounds of grace periods */
byte round, seen[2];
bit  idle[2];                           /* halted, holds no pointer */

/* Budgets, and what the properties need to know */
byte calls_left[NE], faults_left, unparks_left, submits_left, kills_left;
byte preempts_left = PREEMPTS;
byte leaves_left = LEAVES;              /* with mail that was not opened yet */
bit  calling[NE];                       /* a call without an outcome yet */
bit  unparked[NE];                      /* since the fault */
bit  homeward[NE];                      /* the record is on its way back */

#ifdef BUG_21
#define alive(p) (!portal_dead[p] && !freed[p])
#else
#define alive(p) (!portal_dead[p] && !ec_dead[p])
#endif
#define own(e)   assert(CPU(e) == c)
#define has(s)   assert(owner[s] == c)
#define signalled(e) ((e) == SIGEC && pending)

/*** Scheduling contexts ***/

inline sc_off(s)                        /* impl: sched_remove */
{
	has(s);
	ready[c]  = ready[c]  & ~BIT(s);
	queued[0] = queued[0] & ~BIT(s);
	queued[1] = queued[1] & ~BIT(s);
	queued[2] = queued[2] & ~BIT(s);
	if
	:: current[c] == s -> current[c] = NO
	:: else
	fi
}

inline sc_ready(s)                      /* impl: sched_ready */
{
	has(s);
	if
	:: current[c] == s
	:: else -> sc_off(s); ready[c] = ready[c] | BIT(s)
	fi
}

/* All but its own: rule 5 */
inline wake(e)                          /* impl: sched_wake */
{
	own(e);
	ready[c]  = ready[c] | (queued[e] & ~BIT(e));
	queued[e] = queued[e] & BIT(e)
}

inline resume(e)
{
	own(e);
	st[e] = RUN;
#ifndef BUG_11
	wake(e);
#endif
	if
	:: payer[e] == e || signalled(e) -> sc_ready(e)
	:: else
	fi
}

inline post(to, what, e)                /* impl: mailbox_put */
{
	assert(nfull(mailbox[to]));
#ifdef BUG_14
	if
	:: what == M_RECALL && nempty(mailbox[to]) ->
		mailbox[to]?mail_0,mail_1;
		mailbox[to]!what,e;
		mailbox[to]!mail_0,mail_1
	:: what != M_RECALL || empty(mailbox[to]) -> mailbox[to]!what,e
	fi
#else
	mailbox[to]!what,e
#endif
}

/*** Calls ***/

/* The one outcome of e's call, on e's CPU */
inline finish(e, what)                  /* impl: ipc_finish */
{
	own(e);
	assert(calling[e]);
	calling[e] = 0;
	callee[e]  = NO;
	if
	:: fault[e] && what != REPLY && !unpark[e] -> st[e] = PARK
	:: else ->
		fault[e] = 0;
		unpark[e] = 0;
		unparked[e] = 0;
		resume(e)
	fi
}

inline record_home(s, what)             /* impl: ipc_remote_return */
{
	has(s);
	assert(CPU(s) != c);
	sc_off(s);
	outcome[s]  = what;
	accepted[s] = 0;
#ifdef MOVES
	name[s]     = callee[s];
#endif
#ifndef BUG_22
	callee[s]   = NO;
#endif
	homeward[s] = 1;
	owner[s]    = MAIL;
	post(1 - c, M_RECORD, s)
}

inline end_call(s, what)
{
	if
#ifdef BUG_10
	:: CPU(s) != c && what == REPLY -> finish(s, what)
#endif
	:: CPU(s) == c -> finish(s, what)
	:: else        -> record_home(s, what)
	fi
}

/* Callee t takes the call of s, which is an EC here or a record */
inline accept(s, t)                     /* impl: accept */
{
	own(t);
	assert(st[t] == WAIT && caller[t] == NO);
	assert(!returned_portal[t]);
	if
	:: depth[s] + 1 > LIMIT -> end_call(s, DEPTH)
	:: else ->
		st[t]     = RUN;
		caller[t] = s;
		depth[t]  = depth[s] + 1;
		last_signal[t] = 0;
		if
		:: CPU(s) == c -> st[s] = CALL; payer[t] = payer[s]
		:: else        -> accepted[s] = 1; payer[t] = s
		fi
	fi
}

/* t's caller went away: its own SC pays for it and for whom it called */
inline orphan(t)                        /* impl: ipc_abandon */
{
	own(t);
	caller[t] = NO;
#ifndef BUG_12
	y = payer[t];
	x = t;
	do
	:: payer[x] == y ->
		payer[x] = t;
#ifdef BUG_16
		break
#else
		if
		:: st[x] == CALL -> x = callee[x]
		:: else -> break
		fi
#endif
	:: else -> break
	od;
	if
	:: owner[t] == c -> sc_ready(t)
	:: else
	fi
#endif
}

/* x: end of the chain from e on this CPU, as it is now */
inline chain_end(e)                     /* impl: ipc_wake_chain */
{
	x = e;
	n = 0;
	do
	:: n < NE && (st[x] == CALL || (st[x] == SEND && alive(callee[x]) &&
	                                CPU(callee[x]) == c)) ->
		x = callee[x];
		n++
	:: else -> break
	od
}

/*** Death, on the object's CPU, after the first round ***/

inline kill(e)                          /* impl: ec_kill */
{
	own(e);
	chain_end(e);
	w = x;
	t = caller[e];
	caller[e] = NO;
#ifndef BUG_6
	if
	:: t != NO -> end_call(t, GONE)
	:: else
	fi;
#endif
	t = callee[e];
	if
	:: st[e] == CALL -> orphan(t)
	:: else
	fi;
#ifndef BUG_11
	wake(e);
#endif
#ifndef BUG_5
	wake(w);
#endif
	if
	:: st[e] == AWAY ->
#ifdef BUG_9
		st[e] = DEAD
#else
		post(1 - c, M_RECALL, e)
#endif
	:: else -> buried(e)
	fi
}

inline buried(e)                        /* impl: sched_forget */
{
	own(e);
	sc_off(e);
	owner[e]   = FREE;
	payer[e]   = e;
	calling[e] = 0;
	callee[e]  = NO;
	st[e]      = DEAD
}

inline recall(e)                        /* impl: ipc_recall */
{
	if
	:: owner[e] != c
	:: else ->
		if
		:: accepted[e] -> t = callee[e]; record_home(e, GONE); orphan(t)
		:: else -> record_home(e, GONE)
		fi
	fi
}

inline free_check(e)
{
	assert(queued[e] == 0 && running[0] != e && running[1] != e);
	assert(e != SIGEC || !pending);
	assert(caller[0] != e && caller[1] != e && caller[2] != e);
	assert(!(st[0] == CALL && callee[0] == e) && payer[0] != e || e == 0);
	assert(!(st[1] == CALL && callee[1] == e) && payer[1] != e || e == 1);
	assert(!(st[2] == CALL && callee[2] == e) && payer[2] != e || e == 2)
}

/*** Signals ***/

inline signal_arrive()                  /* impl: arrive */
{
	own(SIGEC);
	assert(!signal_freed && !freed[SIGEC]);
	if
	:: st[SIGEC] == BLOCK -> count = 0; resume(SIGEC)
	:: st[SIGEC] != BLOCK && signal_dead -> count = 0; pending = 0
	:: st[SIGEC] != BLOCK && !signal_dead && ec_dead[SIGEC]
	:: st[SIGEC] != BLOCK && !signal_dead && !ec_dead[SIGEC] ->
		pending = 1;
		if
		:: owner[SIGEC] == c && (queued[SIGEC] & BIT(SIGEC)) ->
			sc_ready(SIGEC)
		:: else
		fi
	fi
}

inline signal_take(e)                   /* impl: take_signal */
{
	own(e);
	assert(!signal_freed);
	pending = 0;
	count = 0;
	last_signal[e] = 1;
	resume(e)
}

/*** Moving to the other CPU ***/

#ifdef MOVES
/* Mail for an EC that was here once; who dies is not moved after round 1 */
inline forward(what, e, dead)           /* impl: ec_serve */
{
	if
	:: dead
#ifdef BUG_26
	:: !dead
#else
	:: !dead -> post(1 - c, what, e)
#endif
	fi
}

inline move(e)
{
	if                                      /* impl: ec_depart */
	:: to_move[e] && CPU(e) == c && !ec_dead[e] && caller[e] == NO &&
	   st[e] != CALL && st[e] != AWAY && st[e] != DEAD ->
		to_move[e] = 0;
		chain_end(e);
#ifndef BUG_28
		wake(x);
		wake(e);
#endif
		sc_off(e);
		queued[e] = queued[e] | BIT(e);
		owner[e]  = 1 - c;
		home[e]   = 1 - c;
		post(1 - c, M_ARRIVE, e)
	:: else
	fi
}

inline arrive_here(e)                   /* impl: start */
{
	own(e);
	wake(e);
	if
	:: st[e] != AWAY && st[e] != DEAD && (payer[e] == e || signalled(e)) ->
		sc_ready(e)
	:: else
	fi
}

inline call_anew(e)                     /* impl: come_home */
{
	callee[e] = name[e];
	st[e] = SEND;
	wake(e);
	if
	:: payer[e] == e || signalled(e) -> sc_ready(e)
	:: else
	fi
}
#endif

/*** Mailbox ***/

inline receive(what, e)                 /* impl: mailbox_serve */
{
	if
	:: what == M_RECORD && CPU(e) != c ->   /* impl: ipc_remote_receive */
		assert(owner[e] == MAIL);
		owner[e] = c;
		ready[c] = ready[c] | BIT(e)
	:: what == M_RECORD && CPU(e) == c ->   /* impl: ipc_remote_receive */
		assert(owner[e] == MAIL && !freed[e]);
		owner[e]  = c;
		homeward[e] = 0;
		queued[e] = queued[e] | BIT(e);
		if
		:: dying[e] -> buried(e); wake(e)
#ifdef MOVES
		:: !dying[e] && outcome[e] == AGAIN -> call_anew(e)
		:: !dying[e] && outcome[e] != AGAIN -> finish(e, outcome[e])
#else
		:: else -> finish(e, outcome[e])
#endif
		fi
#ifdef MOVES
	:: what == M_MOVE && CPU(e) == c ->     /* impl: change_cpu */
		to_move[e] = !ec_dead[e]
	:: what == M_ARRIVE && CPU(e) == c -> arrive_here(e)
	:: (what == M_MOVE || what == M_ARRIVE || what == M_PORTAL_DIE) &&
	   CPU(e) != c -> forward(what, e, ec_dead[e])
	:: what == M_SIGNAL && CPU(e) != c -> forward(what, e, signal_dead)
#endif
	:: what == M_RECALL ->
		assert(!freed[e]);
		recall(e);
#ifdef BUG_20
		post(1 - c, M_EVENT, e)
	:: what == M_EVENT -> assert(!freed[e])
#endif
	:: what == M_KILL ->                    /* impl: ec_serve */
		assert(!freed[e]);
		if
		:: e == SIGEC && pending -> pending = 0; again = 1
		:: else -> dying[e] = 1; kill(e)
		fi
	:: what == M_UNPARK ->                  /* impl: ipc_unpark */
		assert(!freed[e]);
		if
		:: st[e] == PARK ->
			fault[e] = 0; unparked[e] = 0; resume(e)
#ifndef BUG_7
		:: st[e] != PARK && fault[e] -> unpark[e] = 1
#endif
		:: else
		fi
	:: what == M_SIGNAL && CPU(e) == c -> signal_arrive()
	:: what == M_PORTAL_DIE && CPU(e) == c ->              /* impl: portal_stop */
		assert(!freed[e]);
		chain_end(e);
#ifndef BUG_17
		wake(x);
#endif
		unlinked = 1
	:: what == M_SIGNAL_DIE ->              /* impl: signal_stop */
		signal_arrive();
		unlinked = 1
	fi
}

/*** System calls of e that touch its own CPU only ***/

inline publish()
{
#ifdef BUG_8
	skip
#else
	st[e] = (CPU(t) == c -> SEND : AWAY)
#endif
}

inline publish_late()
{
#ifdef BUG_8
	st[e] = (CPU(t) == c -> SEND : AWAY)
#else
	skip
#endif
}

inline reply_wait()
{
	t = caller[e];                              /* impl: ipc_reply */
	caller[e] = NO;
	payer[e] = e;
	depth[e] = 0;
	if
	:: t != NO -> end_call(t, REPLY)
	:: else
	fi;
	if                                          /* impl: ipc_wait */
	:: signalled(e) && !last_signal[e] -> signal_take(e)
	:: else ->
		st[e] = WAIT;
		last_signal[e] = 0;
#ifndef BUG_13
		if
		:: signalled(e) -> sc_ready(e)
		:: else ->
#endif
			sc_off(e);
			queued[e] = queued[e] | BIT(e)
#ifndef BUG_13
		fi
#endif
	fi
}

inline park()                                   /* impl: ipc_reply */
{
	t = caller[e];
	caller[e] = NO;
	payer[e] = e;
	depth[e] = 0;
	sc_ready(e);
	end_call(t, PARKED)
}

inline signal_wait()                            /* impl: call_signal_wait */
{
	if
	:: pending -> pending = 0; count = 0
	:: else -> st[e] = BLOCK
	fi
}

/*** Properties that hold whenever CPU c leaves the kernel ***/

#define places(s) (((ready[c] >> (s)) & 1) + (current[c] == (s)) + \
	(CPU(0) == c && (queued[0] & BIT(s))) + \
	(CPU(1) == c && (queued[1] & BIT(s))) + \
	(CPU(2) == c && (queued[2] & BIT(s))))

#define is_runnable(s) (current[c] == (s) || (ready[c] & BIT(s)))

/* Its mail is about to interrupt this CPU */
#ifdef MOVES
#define arriving(e) (mailbox[c]??[M_ARRIVE,e])
#else
#define arriving(e) 0
#endif

inline check(e)
{
	assert(places(e) == (owner[e] == c));
	assert(CPU(e) != c || st[e] != RUN || is_runnable(payer[e]) || arriving(e));
	assert(CPU(e) != c || !signalled(e) || (st[e] != WAIT && st[e] != BLOCK) ||
	       is_runnable(e) || arriving(e));
	assert(CPU(e) != c || st[e] != CALL || caller[callee[e]] == e)
}

proctype cpu(byte c)
{
	byte e, s, t, u, w, x, y, n, g;
	mtype what;

	goto leave;

end_user:
	atomic {
		if
		/* Interrupt by the other CPU, in user mode or idle */
		:: nempty(mailbox[c]) || seen[c] != round ->
			idle[c] = 0;                    /* impl: round_enter */
			goto leave

		/* Preemption */
		:: running[c] != NO && ready[c] && preempts_left ->
			preempts_left--;
			ready[c] = ready[c] | BIT(current[c]);
			current[c] = NO;
			goto leave

		/* System calls and faults of the running EC */
		:: running[c] != NO -> e = running[c]; running[c] = NO
		fi;
		if
		:: reply_wait(); goto leave
		:: e == PAGER && caller[e] != NO && fault[caller[e]] ->
			park(); goto leave
		:: e == SIGEC && MAY_BLOCK && !signal_dead -> signal_wait(); goto leave
		:: calls_left[e] && (MAY_CALL(e) & BIT(0)) && e != 0 -> t = 0
		:: calls_left[e] && (MAY_CALL(e) & BIT(1)) && e != 1 -> t = 1
		:: calls_left[e] && (MAY_CALL(e) & BIT(2)) && e != 2 -> t = 2
		:: faults_left && e == FAULTER ->       /* impl: ipc_fault */
			faults_left--;
			calls_left[e]++;
			fault[e] = 1;
			unpark[e] = 0;
			unparked[e] = 0;
			t = PAGER
		:: unparks_left && MAY_UNPARK(e) ->
			unparks_left--;
			if
			:: ec_dead[FAULTER] -> goto leave
			:: else -> goto unpark_
			fi
		:: submits_left && MAY_SUBMIT(e) ->
			submits_left--;
			if
			:: signal_dead -> goto leave
#ifndef BUG_15
			:: !signal_dead && ec_dead[SIGEC] -> goto leave
			:: !signal_dead && !ec_dead[SIGEC] -> goto submit
#else
			:: !signal_dead -> goto submit
#endif
			fi
		fi;
		calls_left[e]--;                        /* impl: ipc_call */
		calling[e] = 1;
		callee[e] = t;
		if
		:: !alive(t) -> finish(e, GONE); goto leave
		:: else
		fi
	}
	atomic {                                    /* looked up: t is not freed */
		assert(!freed[t]);
		if
		:: CPU(t) == c && st[t] == WAIT -> accept(e, t); goto leave
		:: else -> publish(); x = t; n = depth[e] + 1
		fi
	}

cycle:
	/* Rule 9: the edge is published, walk */
	do                                          /* impl: ipc_cycle */
	:: atomic { x == e || n > LIMIT ->
		assert(x != e || !homeward[y]);
		publish_late(); finish(e, DEPTH); goto leave }
	:: atomic { x != e && n <= LIMIT ->
		assert(!freed[x]);
		w = callee[x];
		if
		:: w != NO && (st[x] == CALL || (st[x] == AWAY && accepted[x]) ||
		   ((st[x] == SEND || st[x] == AWAY) && alive(w))) -> y = x; x = w; n++
		:: else -> break
		fi }
	od;
	atomic {
		publish_late();
		if
#ifdef BUG_25
		:: CPU(t) != c ->
#else
		:: st[e] == AWAY ->                     /* impl: ipc_remote_send */
#endif
			sc_off(e);
			owner[e] = MAIL;
			post(1 - c, M_RECORD, e)
		:: else                                 /* impl: ipc_help */
		fi;
		goto leave
	}

unpark_:
	atomic {
		e = FAULTER;
		assert(!freed[e]);
		if
		:: fault[e] -> unparked[e] = 1
		:: else
		fi;
		post(CPU(e), M_UNPARK, e);
		goto leave
	}

submit:                                         /* impl: signal_submit */
	atomic {
		assert(!signal_freed);
		if
		:: count -> goto leave
		:: else -> count = 1
		fi
	}
	atomic {
		e = SIGEC;
		post(CPU(e), M_SIGNAL, e)
	}

	/*** The way out of the kernel ***/

leave:
	atomic {
#ifndef BUG_4
		g = round;                              /* impl: round_serve */
#endif
		running[c] = NO
	}

next:
	if
#ifdef IDLE
	:: mailbox[c]?what,e -> atomic { receive(what, e); goto next }
#else
	:: atomic { mailbox[c]?what,e -> receive(what, e); goto next }
#endif
	/* Enough for now: no round is reported, and the CPU is interrupted again */
	:: atomic { nempty(mailbox[c]) && leaves_left ->
		leaves_left--;
#ifndef BUG_24
		g = seen[c];
#endif
		goto pick }
	:: atomic { empty(mailbox[c]) -> skip;      /* impl: sched_next */
#ifdef BUG_4
	}; atomic {
		g = round;
#endif
pick:
#ifdef MOVES
		move(0); move(1); move(2);
#endif
		if
		:: current[c] != NO
		:: current[c] == NO && ready[c] & BIT(0) ->
			current[c] = 0; ready[c] = ready[c] & ~BIT(0)
		:: current[c] == NO && ready[c] & BIT(1) ->
			current[c] = 1; ready[c] = ready[c] & ~BIT(1)
		:: current[c] == NO && ready[c] & BIT(2) ->
			current[c] = 2; ready[c] = ready[c] & ~BIT(2)
		:: current[c] == NO && ready[c] == 0 -> goto done
		fi;
		s = current[c];
		n = 0;
		u = NO;                                 /* first call not accepted */
		w = s;

walk:                                           /* impl: ipc_help */
		if
#ifndef BUG_19
		:: n > LIMIT ->
			assert(u != NO);
			t = callee[u];
			chain_end(t);
			wake(x);
			end_call(u, DEPTH);
			goto pick
#endif
		:: else
		fi;
		assert(n <= LIMIT);
		if
		:: CPU(w) != c && accepted[w] -> w = callee[w]; n++; goto walk
#ifndef BUG_2
		:: CPU(w) != c && !accepted[w] && !alive(callee[w]) ->
			record_home(w, GONE); goto pick
		:: CPU(w) != c && !accepted[w] && alive(callee[w]) -> t = callee[w]
#else
		:: CPU(w) != c && !accepted[w] -> t = callee[w]
#endif
		:: CPU(w) == c && st[w] == RUN -> running[c] = w; goto done
		:: CPU(w) == c && st[w] == WAIT && w == s && signalled(w) ->
			signal_take(w); goto walk
		:: CPU(w) == c && (st[w] == AWAY || st[w] == BLOCK || st[w] == PARK || st[w] == DEAD ||
		   (st[w] == WAIT && !(w == s && signalled(w)))) ->
			sc_off(s);
			queued[w] = queued[w] | BIT(s);
			goto pick
		:: CPU(w) == c && st[w] == CALL -> w = callee[w]; n++; goto walk
#ifndef BUG_1
		:: CPU(w) == c && st[w] == SEND && !alive(callee[w]) ->
			finish(w, GONE); goto pick
		:: CPU(w) == c && st[w] == SEND && alive(callee[w]) -> t = callee[w]
#else
		:: CPU(w) == c && st[w] == SEND -> t = callee[w]
#endif
		fi;
		if
		:: u == NO -> u = w
		:: else
		fi;
		goto try;

done:
		check(0); check(1); check(2);
		assert(running[c] == NO || running[c] != running[1 - c]);
		assert(running[c] == NO || CPU(running[c]) == c);
		assert(current[c] == NO || current[c] != current[1 - c]);
		seen[c] = g;
#ifdef IDLE
		idle[c] = (running[c] == NO);
#endif
		e = 0; s = 0; t = 0; u = 0; w = 0; x = 0; y = 0; n = 0; g = 0;
		what = 0;
		goto end_user }
	fi;

try:
	atomic {                                    /* looked up: t is not freed */
		assert(!freed[t]);
#ifdef MOVES
		if                                      /* impl: advance */
#ifndef BUG_27
		:: CPU(t) != c && CPU(w) != c -> record_home(w, AGAIN); goto pick
#endif
		:: CPU(t) != c && CPU(w) == c ->
			e = w; publish(); x = t; n = depth[e] + 1; goto cycle
		:: else
		fi;
#endif
		assert(CPU(t) == c);
		if
		:: st[t] == WAIT -> accept(w, t); goto pick
		:: else -> w = t; n++; goto walk
		fi
	}
}

#define to_owner(what) post(CPU(victim), what, victim)

#ifdef IDLE
/* CPU i has left the kernel and emptied its mailbox since the round began */
inline wait_for(i)                              /* impl: round_over */
{
	if
	:: seen[i] == round
#ifndef BUG_23
	:: empty(mailbox[i]) ->
		if
		:: seen[i] == round
		:: idle[i]
		fi
#else
	:: idle[i] ->
		if
		:: seen[i] == round
		:: empty(mailbox[i])
		fi
#endif
	fi
}

inline wait_for_all() { wait_for(0); wait_for(1) }
#else
inline wait_for_all() { seen[0] == round && seen[1] == round }
#endif

/*
 * Core destroys an object: a restarted system call, which waits outside the
 * kernel. As a process of its own it may run at any time, which is more than on
 * a CPU.
 */
proctype core()
{
end_idle:
	atomic {
		kills_left -> kills_left--;         /* impl: kobject_claim */
		if
		:: VICTIMS_PORTAL & BIT(0) -> kind = PORTAL; victim = 0
		:: VICTIMS_PORTAL & BIT(1) -> kind = PORTAL; victim = 1
		:: VICTIMS_PORTAL & BIT(2) -> kind = PORTAL; victim = 2
		:: VICTIMS_EC & BIT(0) -> kind = EC; victim = 0
		:: VICTIMS_EC & BIT(1) -> kind = EC; victim = 1
		:: VICTIMS_EC & BIT(2) -> kind = EC; victim = 2
		:: VICTIM_SIGNAL -> kind = SIGNAL; victim = SIGEC
		:: goto end_core
		fi;
		if
		:: ec_dead[victim] || (kind == PORTAL && portal_dead[victim]) ||
		   (kind == SIGNAL && signal_dead) ->
			kind = NONE; victim = NO; goto end_idle
		:: kind == PORTAL && !portal_dead[victim] && !ec_dead[victim] ->
			portal_dead[victim] = 1
		:: kind == EC && !ec_dead[victim] -> ec_dead[victim] = 1
		:: kind == SIGNAL && !signal_dead && !ec_dead[victim] ->
			signal_dead = 1
		fi;
		unlinked = 0;
		phase = 1;
#ifndef BUG_18
		round++                             /* impl: round_start */
#endif
	}
	wait_for_all();
	atomic {                                /* impl: kobject_stop */
		phase = 2;
		if
		:: kind == PORTAL -> to_owner(M_PORTAL_DIE)
		:: kind == EC     -> to_owner(M_KILL)
		:: kind == SIGNAL -> to_owner(M_SIGNAL_DIE)
		fi
	}
kill_:
	if
	:: atomic { again -> again = 0; to_owner(M_KILL); goto kill_ }
	:: kind == EC && st[victim] == DEAD || kind != EC && unlinked
	fi;
	atomic {
		phase = 3;
#ifndef BUG_3
		round++
#endif
	}
	wait_for_all();
	atomic {                                /* impl: kobject_die */
		if
		:: kind == PORTAL -> returned_portal[victim] = 1
		:: kind == EC     -> returned_portal[victim] = 1; free_check(victim);
		                     freed[victim] = 1
		:: kind == SIGNAL -> assert(!pending); signal_freed = 1
		fi;
		phase = 0;
		kind = NONE;
		victim = NO;
		goto end_idle
	}
end_core:
	skip
}

#ifdef MOVES
/* Somebody wants an EC to be at the other CPU */
active proctype mover()
{
end_idle:
	do
	:: atomic { moves_left -> moves_left--;  /* impl: call_thread_schedule */
		if
		:: (MAY_MOVE & BIT(0)) && !ec_dead[0] -> post(CPU(0), M_MOVE, 0)
		:: (MAY_MOVE & BIT(1)) && !ec_dead[1] -> post(CPU(1), M_MOVE, 1)
		:: (MAY_MOVE & BIT(2)) && !ec_dead[2] -> post(CPU(2), M_MOVE, 2)
		:: else
		fi }
	od
}
#endif

/* A chain may end in these for ever */
#define is_rest(e) (st[e] == BLOCK || (st[e] == PARK && !unparked[e]))

inline rest(e)
{
	x = e;
	n = 0;
	do
	:: st[x] == SEND || st[x] == CALL || st[x] == AWAY ->
		assert(n < NE);
		assert(alive(callee[x]) || st[x] == CALL || accepted[x]);
		x = callee[x];
		n++
	:: else -> break
	od;
	assert(n == 0 || is_rest(x));
	assert(st[e] != RUN);
	assert(st[e] != PARK || !unparked[e]);
	assert(st[e] != WAIT || caller[e] == NO);
	assert(st[e] == SEND || st[e] == CALL || st[e] == AWAY || !calling[e]);
	assert(e != SIGEC || !(count && !signal_dead) || (st[e] != WAIT && st[e] != BLOCK)
	       || ec_dead[e]);
#ifdef MOVES
	assert(!to_move[e] || n || caller[e] != NO || ec_dead[e]);
#endif
	assert(!ec_dead[e] || freed[e])
}

/* Nobody can go on: no wake-up was lost */
active proctype final()
{
	byte x, n;
	timeout ->
	atomic {
		assert(phase == 0);
		assert(ready[0] == 0 && ready[1] == 0);
		assert(empty(mailbox[0]) && empty(mailbox[1]));
		rest(0); rest(1); rest(2)
	}
}

inline start(e)
{
	payer[e] = e;
#ifdef MOVES
	home[e]  = HOME(e);
#endif
	owner[e] = CPU(e);
	calls_left[e] = CALLS(e);
	if
	:: STARTS & BIT(e) -> st[e] = RUN; ready[CPU(e)] = ready[CPU(e)] | BIT(e)
	:: else            -> st[e] = WAIT; queued[e] = BIT(e)
	fi
}

init
{
	atomic {
		faults_left  = FAULTS;
		unparks_left = UNPARKS;
		submits_left = SUBMITS;
		kills_left   = KILLS;
		start(0); start(1); start(2);
		run cpu(0);
		run cpu(1);
		run core()
	}
}
