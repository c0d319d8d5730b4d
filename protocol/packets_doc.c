/* Prints the support table of the packets, doc/PACKETS.md, from the packet table. */
#include <stdio.h>
#include <string.h>

#include "protocol/command.h"

/* `|` would end a cell. */
static void cell(const char *text)
{
	for (; *text; text++)
		printf(*text == '|' ? "\\|" : "%c", *text);
}

static void print_packet(const struct rsp_command *c)
{
	fputs("| `", stdout);
	cell(c->name);
	for (const char *p = c->args; *p; p++) {
		const char *word = rsp_args_word(*p);
		if (word)
			printf("<%s>", word);
		else
			putchar(*p);
	}
	fputs("` | ", stdout);
	cell(c->doc);
}

static void print_needs(const struct rsp_command *c)
{
	const char *between = "";
	for (int i = 0; i < RSP_N_ABILITIES; i++) {
		if (!(c->needs & UINT64_C(1) << i))
			continue;
		printf("%s`%s`", between, rsp_ability_name((enum rsp_ability_index)i));
		between = c->flags & RSP_ANY_NEED ? " or " : ", ";
	}
	fputs(" | ", stdout);
}

static void print_row(const struct rsp_command *c)
{
	print_packet(c);
	fputs(" | ", stdout);
	print_needs(c);
	if (c->feature)
		printf("`%s`", c->feature);
	fputs(c->flags & RSP_WHILE_RUNNING ? " | yes |\n" : " | |\n", stdout);
}

int main(void)
{
	fputs("# Packets of the remote serial protocol\n"
	      "\n"
	      "Made by `protocol/packets_doc` from the packet table (`protocol/command_table.c`); `make update-packets` makes it anew.\n"
	      "\n"
	      "*Needs* names the target operations (`protocol/target.h`) without which the packet is answered as an unknown one, by an empty\n"
	      "reply. *Feature* is what the reply to `qSupported` then says. *Running* marks what is also served while the target runs; any\n"
	      "other packet is answered by error 2 until the stop reply. `[ ]` encloses what may be left out.\n"
	      "\n"
	      "Errors are `E01` (malformed request), `E02` (refused by the target), `E03` (no such thread, process or file) and `E04`\n"
	      "(trouble of the stub's own); a client that offers `error-message+` gets `E.` and a text instead, and any gets it when `P` or `G` is refused.\n"
	      "\n"
	      "| Packet | Meaning | Needs | Feature | Running |\n"
	      "| --- | --- | --- | --- | --- |\n",
	      stdout);
	for (size_t i = 0; i < rsp_n_commands; i++)
		print_row(&rsp_commands[i]);
	fputs("| `0x03` | The byte alone, outside packets: interrupt | `interrupt` |  | yes |\n", stdout);
	return ferror(stdout) != 0 || fflush(stdout) != 0;
}
