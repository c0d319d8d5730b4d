/* Control flow: goto out of nested loops, do-while, returns from within loops of called functions, conditions with side effects. */
#include "opencl_ids.h"

int find(global const int *table, int n, int wanted)
{
	for (int i = 0; i < n; i++) {
		if (table[i] == wanted)
			return i;
		if (table[i] > 900)
			return -i;
	}
	return 9999;
}

int search(global const int *table, int n, int limit)
{
	int a, b = 0, tries = 0;
	for (a = 0; a < n; a++) {
		b = a;
		do {
			tries++;
			if (table[a] + table[b] > limit && ++tries % 3 == 0)
				goto found;
			b += 2;
		} while (b < n);
	}
	return -tries;
found:
	return a * 10000 + b * 100 + tries % 100;
}

bool count(int *counter, int by)
{
	*counter += by;
	return *counter % 4 != 0;
}

kernel void control(global const int *table, global int *out, int n)
{
	int i = (int)get_global_id(0);
	int counter = i;
	global int *mine = out + 4 * i;
	mine[0] = find(table, n, i * 3);
	mine[1] = search(table, n, 1500 + i * 5);
	mine[2] = (count(&counter, 1) && count(&counter, 2)) || count(&counter, 3) ? counter : -counter;
	int x = i, steps = 0;
	for (;;) {
		if (x > 500)
			break;
		switch (x % 5) {
		case 0:
			x += 7;
			continue;
		case 1:
			x += x / 2 + 1;
			break;
		case 2:
			if (steps > 20)
				goto out;
			x *= 2;
			break;
		default:
			x += 3;
		}
		steps++;
	}
out:
	mine[3] = x * 100 + steps;
}
