/* Registers that no GPU has: where in the dispatch the selected lane works. */
#include <stdio.h>
#include <string.h>

#include "src/model/wave.h"
#include "src/view/internal.h"

/* Rows of view_place_regs. */
enum { GROUP_X, GROUP_Y, GROUP_Z, ITEM_X, ITEM_Y, ITEM_Z, DISPATCH, WAVE_IN_GROUP, LANE_ACTIVE };

#define PLACE(name_) { .name = name_, .bits = 32, .type = "uint32", .group = "general" }

const struct rsp_reg view_place_regs[VIEW_N_PLACE] = {
	[GROUP_X] = PLACE("workgroup_id_x"), [GROUP_Y] = PLACE("workgroup_id_y"), [GROUP_Z] = PLACE("workgroup_id_z"),
	[ITEM_X] = PLACE("workitem_id_x"), [ITEM_Y] = PLACE("workitem_id_y"), [ITEM_Z] = PLACE("workitem_id_z"),
	[DISPATCH] = PLACE("dispatch_id"), [WAVE_IN_GROUP] = PLACE("wave_in_group"), [LANE_ACTIVE] = PLACE("lane_active"),
};

bool view_place_of_lane(size_t row)
{
	return row == ITEM_X || row == ITEM_Y || row == ITEM_Z || row == LANE_ACTIVE;
}

bool view_place_read(const struct dbg_wave *w, size_t row, uint32_t *out)
{
	uint32_t item[3];
	switch (row) {
	case GROUP_X:
	case GROUP_Y:
	case GROUP_Z:
		*out = w->place.group[row - GROUP_X];
		return w->placed;
	case ITEM_X:
	case ITEM_Y:
	case ITEM_Z:
		if (!wave_workitem(w, wave_lane(w), item))
			return false;
		*out = item[row - ITEM_X];
		return true;
	case DISPATCH:
		*out = w->dispatch;
		return w->dispatch != 0;
	case WAVE_IN_GROUP:
		*out = w->place.wave_in_group;
		return w->placed;
	case LANE_ACTIVE:
		*out = wave_lane_active(w, wave_lane(w));
		return true;
	default:
		return false;
	}
}
