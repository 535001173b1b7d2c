/* SPDX-License-Identifier: MIT */
/*
 * Tour
 *
 * Each step is checked: it is as expected, or the reader is told that it was
 * not, and the last line counts them.
 */

/* local */
#include "screen.h"
#include "steps.h"
#include "subsystem.h"
#include "tour.h"

enum phase { PHASE_BEGIN, PHASE_WAIT, PHASE_PAUSE };

enum { PATIENCE = 10 * 1000 * 1000 };  /* microseconds until a step has failed */

static unsigned   step, number;        /* steps done; numbers given */
static unsigned   unexpected;
static enum phase phase;
static bool       waits;
static uint64_t   deadline;

void tour_begin(bool waits_)
{
	enum error const error = subsystem_reset();
	if (error)
		screen_print("reset: %s\n", error_text(error));
	waits = waits_;
	step  = number = unexpected = 0;
	phase = PHASE_BEGIN;
}

static void finish(void)
{
	screen_put(SCREEN_BOLD "\nWhat it comes to:" SCREEN_PLAIN
	           " no component was trusted to behave, and none could\n"
	           "harm another. That is not written in their code: it is what"
	           " their parent\ngave them, and did not give. 'help' lists what"
	           " you can try yourself.\n\n");
	screen_print("tour: %u of %u steps as expected\n", step - unexpected,
	             step);
}

static void begin(struct step const *s)
{
	if (s->text)
		screen_print(SCREEN_BOLD "\n%u." SCREEN_PLAIN " %s\n", ++number,
		             s->text);
	deadline = clock_us() + PATIENCE;
	phase    = PHASE_WAIT;
	steps_begin();
	if (s->act)
		s->act();
}

/** Show what the step came to, and whether it came in time */
static void end(struct step const *s, bool in_time)
{
	bool const shown = s->tell();
	if (!shown || !in_time) {
		unexpected++;
		screen_put("  this is NOT as expected\n");
	}
	step++;
	phase = PHASE_BEGIN;
	if (waits && step < steps_count && steps[step].text) {
		screen_put("-- any key: go on; q: leave --");
		phase = PHASE_PAUSE;
	}
}

bool tour_tick(void)
{
	if (phase == PHASE_WAIT) {
		bool const done = steps[step].done();
		if (!done && clock_us() < deadline)
			return true;
		end(&steps[step], done);
	}
	if (phase == PHASE_PAUSE)
		return true;
	if (step == steps_count) {
		finish();
		return false;
	}
	begin(&steps[step]);
	return true;
}

bool tour_key(char key)
{
	enum { CTRL_C = 3 };
	if (key == 'q' || key == CTRL_C) {
		screen_put("\n");
		return false;
	}
	if (phase == PHASE_PAUSE) {
		screen_put(SCREEN_LINE);
		phase = PHASE_BEGIN;
	}
	return tour_tick();
}
