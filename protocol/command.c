#include "protocol/command.h"

#include <string.h>

uint64_t rsp_abilities(const struct rsp_target_ops *ops)
{
	uint64_t set = 0;
#define X(name, member) \
	if (ops->member) \
		set |= RSP_CAN(name);
	RSP_ABILITIES(X)
#undef X
	return set;
}

const char *rsp_ability_name(enum rsp_ability_index index)
{
	static const char *const names[] = {
#define X(name, member) #member,
		RSP_ABILITIES(X)
#undef X
	};
	return names[index];
}

bool rsp_command_offered(const struct rsp_command *c, uint64_t abilities)
{
	uint64_t have = c->needs & abilities;
	return c->flags & RSP_ANY_NEED ? have != 0 : have == c->needs;
}

static bool matches(const struct rsp_command *c, const char *packet, size_t n)
{
	size_t len = strlen(c->name);
	if (n < len || memcmp(packet, c->name, len) != 0)
		return false;
	return c->match == RSP_PREFIX || n == len;
}

const struct rsp_command *rsp_command_find(const char *packet, size_t n, uint64_t abilities)
{
	const struct rsp_command *best = NULL;
	size_t best_len = 0;
	for (size_t i = 0; i < rsp_n_commands; i++) {
		const struct rsp_command *c = &rsp_commands[i];
		size_t len = strlen(c->name);
		if ((!best || len > best_len) && matches(c, packet, n)) {
			best = c;
			best_len = len;
		}
	}
	return best && rsp_command_offered(best, abilities) ? best : NULL;
}
