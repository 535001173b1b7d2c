/* SPDX-License-Identifier: MIT */
/*
 * What the three ECs may do in the model, by -DSCENE_<name>
 *
 * Each EC may make CALLS(e) calls, to MAY_CALL(e); those in STARTS run at
 * first, the others wait for calls. All of them serve.
 */

/* Callers and servers on one CPU: helping, cycles, signals */
#ifdef SCENE_LOCAL
#define CPU(e)         0
#define MAY_CALL(e)    7
#define CALLS(e)       2
#define PREEMPTS       2
#endif

/* The same, and one of them or a portal is destroyed */
#ifdef SCENE_LOCAL_KILL
#define CPU(e)         0
#define MAY_CALL(e)    7
#define CALLS(e)       1
#define KILLS          1
#define VICTIMS_EC     7
#define VICTIMS_PORTAL 6
#endif

/* Calls, cycles and chains between two CPUs */
#ifdef SCENE_REMOTE
#define CPU(e)         ((e) == 2)
#define MAY_CALL(e)    7
#define CALLS(e)       2
#define PREEMPTS       1
#endif

#ifdef SCENE_REMOTE_KILL
#define CPU(e)         ((e) == 2)
#define MAY_CALL(e)    7
#define CALLS(e)       1
#define KILLS          1
#define VICTIMS_EC     7
#define VICTIMS_PORTAL 7
#define LARGE
#endif

/* A chain 0 -> 1 -> 2 whose end may block for ever, while links of it die */
#ifdef SCENE_CHAIN
#define CPU(e)         0
#define MAY_CALL(e)    ((e) == 0 -> 6 : ((e) == 1 -> 4 : 0))
#define CALLS(e)       ((e) != 2)
#define KILLS          2
#define VICTIMS_EC     7
#define VICTIMS_PORTAL 6
#define SIGEC          2
#define MAY_BLOCK      1
#endif

#ifdef SCENE_CHAIN_REMOTE
#define CPU(e)         ((e) == 2)
#define MAY_CALL(e)    ((e) == 0 -> 6 : ((e) == 1 -> 4 : 0))
#define CALLS(e)       ((e) != 2)
#define KILLS          2
#define VICTIMS_EC     7
#define VICTIMS_PORTAL 6
#define SIGEC          2
#define MAY_BLOCK      1
#define LARGE
#endif

/* Signals from both CPUs to a server that is called, too */
#ifdef SCENE_SIGNAL
#define CPU(e)         ((e) == 2)
#define MAY_CALL(e)    ((e) == 1 -> 4 : 2)
#define CALLS(e)       1
#define SIGEC          1
#define MAY_BLOCK      1
#define SUBMITS        2
#define MAY_SUBMIT(e)  ((e) != 1)
#define KILLS          1
#define VICTIMS_EC     2
#define VICTIM_SIGNAL  1
#define LEAVES         1
#define LARGE
#endif

/* Fault of 0, handled on its own CPU; unparked from the other */
#ifdef SCENE_PARK
#define CPU(e)         ((e) == 2)
#define MAY_CALL(e)    ((e) == 2 -> 3 : 0)
#define CALLS(e)       ((e) == 2)
#define FAULTER        0
#define PAGER          1
#define FAULTS         2
#define UNPARKS        2
#define MAY_UNPARK(e)  ((e) == 2)
#define KILLS          1
#define VICTIMS_EC     3
#define VICTIMS_PORTAL 2
#define LARGE
#endif

/* Fault of 0, handled on the other CPU; unparked from its own */
#ifdef SCENE_PARK_REMOTE
#define CPU(e)         ((e) == 2)
#define MAY_CALL(e)    ((e) == 1 -> 5 : 0)
#define CALLS(e)       ((e) == 1)
#define FAULTER        0
#define PAGER          2
#define FAULTS         2
#define UNPARKS        2
#define MAY_UNPARK(e)  ((e) == 1)
#define KILLS          1
#define VICTIMS_EC     5
#define VICTIMS_PORTAL 4
#define LARGE
#endif

/* Chains longer than the limit, on one CPU and on two */
#ifdef SCENE_DEPTH
#define CPU(e)         0
#define MAY_CALL(e)    7
#define CALLS(e)       1
#define LIMIT          1
#endif

#ifdef SCENE_DEPTH_REMOTE
#define CPU(e)         ((e) == 2)
#define MAY_CALL(e)    7
#define CALLS(e)       1
#define LIMIT          1
#endif

/* A server moves while it is called, and dies; or a caller in the middle of a chain */
#ifdef SCENE_MOVE
#define MOVES          1
#define MAY_MOVE       4
#define HOME(e)        ((e) == 2)
#define CPU(e)         home[e]
#define MAY_CALL(e)    ((e) < 2 -> 4 : 0)
#define CALLS(e)       ((e) < 2)
#define KILLS          1
#define VICTIMS_EC     4
#define LARGE
#endif

#ifdef SCENE_MOVE_CHAIN
#define MOVES          1
#define MAY_MOVE       7
#define HOME(e)        ((e) == 2)
#define CPU(e)         home[e]
#define MAY_CALL(e)    ((e) == 0 -> 6 : ((e) == 1 -> 4 : 0))
#define CALLS(e)       ((e) != 2)
#define LARGE
#endif

/* One that gets signals and calls moves */
#ifdef SCENE_MOVE_SIGNAL
#define MOVES          1
#define MAY_MOVE       2
#define HOME(e)        ((e) == 2)
#define CPU(e)         home[e]
#define MAY_CALL(e)    ((e) == 2 -> 2 : 0)
#define CALLS(e)       ((e) == 2)
#define SIGEC          1
#define MAY_BLOCK      1
#define SUBMITS        2
#define MAY_SUBMIT(e)  ((e) != 1)
#define LARGE
#define LEAVES         1
#endif

/* Rounds that idle CPUs need not report. Makes scenes large, thus one of its own */
#ifdef SCENE_IDLE
#define IDLE           1
#define LEAVES         1
#define CPU(e)         ((e) == 2)
#define MAY_CALL(e)    ((e) < 2 -> 4 : 0)
#define CALLS(e)       ((e) < 2)
#define KILLS          1
#define VICTIMS_EC     5
#define VICTIMS_PORTAL 4
#define LARGE
#endif

/* Defaults allow nothing more */
#ifndef LEAVES
#define LEAVES 0
#endif
#ifndef STARTS
#define STARTS 7
#endif
#ifndef LIMIT
#define LIMIT 3
#endif
/* Preemption makes the largest scenes larger: 'verify full' only */
#ifndef PREEMPTS
#if defined LARGE && !defined FULL
#define PREEMPTS 0
#else
#define PREEMPTS 1
#endif
#endif
#ifndef SIGEC
#define SIGEC NO
#endif
#ifndef MAY_SUBMIT
#define MAY_SUBMIT(e) 0
#define SUBMITS 0
#endif
#ifndef MAY_BLOCK
#define MAY_BLOCK 0
#endif
#ifndef PAGER
#define PAGER NO
#define FAULTER 0
#define FAULTS 0
#define MAY_UNPARK(e) 0
#define UNPARKS 0
#endif
#ifndef KILLS
#define KILLS 0
#endif
#ifndef VICTIMS_PORTAL
#define VICTIMS_PORTAL 0
#endif
#ifndef VICTIMS_EC
#define VICTIMS_EC 0
#endif
#ifndef VICTIM_SIGNAL
#define VICTIM_SIGNAL 0
#endif
