#!/bin/sh
# doc/PACKETS.md is what the packet table says.
echo 1..1
if ./protocol/packets_doc | cmp -s - "${srcdir:-.}/doc/PACKETS.md"; then
	echo 'ok 1 - doc/PACKETS.md is current'
else
	echo 'not ok 1 - doc/PACKETS.md is out of date: run make update-packets'
	exit 1
fi
