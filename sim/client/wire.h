/* What the preloaded client and the simulator say to each other: one packet per request, one per answer, over a UNIX seqpacket socket. Both
 * ends are built from the same tree and run on the same machine, so structures travel as they are. A connection has at most one request
 * under way; a thread that must wait sleeps in its connection's receive call. */
#ifndef SIM_CLIENT_WIRE_H
#define SIM_CLIENT_WIRE_H

#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#define WIRE_SOCKET_VARIABLE "GPUSIM_SOCKET"

enum {
	WIRE_VERSION = 1,
	WIRE_MAX_ARG = 1 << 14,  /* what 14 bits of an ioctl command can say, and one more */
	WIRE_MAX_NODES = 20,
	WIRE_MAX_PATH = 256,
	WIRE_PREFIX_BYTES = 8192,
};

enum wire_op {
	WIRE_HELLO,  /* a program image has been loaded; answered by a struct wire_config */
	WIRE_OPEN,   /* open of a node with access mode `cmd`: answered by a descriptor */
	WIRE_IOCTL,  /* `cmd` on a node, argument bytes behind the header */
	WIRE_MMAP,   /* `offset`, `length` on a node: answered by the offset in the file behind it */
	WIRE_OPENED, /* a path of the generated tree (behind the header) is about to be opened */
	WIRE_CANCEL, /* the sleeper got a signal; no answer of its own: the request under way is answered now */
};

struct wire_request {
	uint32_t op;
	uint32_t node;
	int32_t tid;
	uint32_t cmd;
	uint64_t offset, length;
};

#define WIRE_NO_FD 0xffffffffu

struct wire_reply {
	int64_t result;     /* >= 0, or -errno */
	uint32_t fd_offset; /* where in the argument the number of the attached descriptor belongs; WIRE_NO_FD */
	uint32_t pad;
};

/* A device node that exists only for programs run by the simulator. */
struct wire_node {
	char path[64];
	uint64_t dev, ino;             /* of the file that open descriptors of it really are */
	uint64_t place_dev, place_ino; /* of the empty file in its place in the generated tree */
	uint32_t major, minor;         /* shown by stat */
};

struct wire_config {
	uint32_t version;
	uint32_t n_nodes;              /* node 0 is /dev/kfd, the others are render nodes */
	int32_t simulator;             /* pid */
	uint32_t pad;
	struct wire_node nodes[WIRE_MAX_NODES];
	char root[WIRE_MAX_PATH];      /* of the generated tree */
	char prefixes[WIRE_PREFIX_BYTES]; /* what the tree replaces: strings one after the other, an empty one ends them */
};

/* Room for the one descriptor that may travel with a packet. */
union wire_control {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(sizeof(int))];
};

/* Puts a descriptor beside the bytes of msg, none when fd < 0. control lives as long as msg. */
static inline void wire_attach(struct msghdr *msg, union wire_control *control, int fd)
{
	if (fd < 0)
		return;
	memset(control, 0, sizeof(*control));
	msg->msg_control = control;
	msg->msg_controllen = sizeof(*control);
	struct cmsghdr *c = CMSG_FIRSTHDR(msg);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
}

/* The descriptor that came with msg, which was received; -1: none. */
static inline int wire_attached(struct msghdr *msg)
{
	int fd = -1;
	struct cmsghdr *c = CMSG_FIRSTHDR(msg);
	if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS && c->cmsg_len == CMSG_LEN(sizeof(fd)))
		memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	return fd;
}

#endif
