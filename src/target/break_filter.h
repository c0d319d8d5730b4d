/* Filters of breakpoints in GPU code: which work-groups, waves, lanes they are for. A filter belongs to an address: one for every
 * breakpoint would also be about those that a client puts where a step or a call is to end. Set by `monitor break-filter`, because
 * clients have no words for such things; looked at where conditions are (condition.h), for the lanes that are left. */
#ifndef SRC_TARGET_BREAK_FILTER_H
#define SRC_TARGET_BREAK_FILTER_H

#include "src/model/model.h"

struct break_filter;

/* Narrows a set of lanes of the wave to those that a filter about this address lets through; with several filters about it, any of them.
 * False: there is none, *lanes is as it was. */
bool break_filter_lanes(const struct break_filter *list, const struct dbg_wave *w, uint64_t addr, uint64_t *lanes);
void break_filters_free(struct break_filter **list);

#endif
