// SPDX-License-Identifier: Apache-2.0
/*
 * collect_reference OBJECT
 *
 * For each byte on standard input reads the maps of the reference's design as its agent does, every key of each, and
 * prints the microseconds of processor time that one collection took. Each map has the values of one process.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define COLLECTIONS 50

static const char *const names[] = { "read_statistics", "pread_statistics", "cache_statistics" };
static char values[1 << 20];

static double cpu_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return now.tv_sec * 1e6 + now.tv_nsec / 1e3;
}

static void collect(int map)
{
	unsigned int key, next;
	void *previous = NULL;

	while (!bpf_map_get_next_key(map, previous, &next)) {
		key = next;
		previous = &key;
		bpf_map_lookup_elem(map, &key, values);
	}
}

int main(int argc, char **argv)
{
	struct bpf_object *object = argc == 2 ? bpf_object__open(argv[1]) : NULL;
	struct bpf_program *program;
	unsigned int pid = getpid();
	char byte;

	if (!object)
		return 2;
	bpf_object__for_each_program(program, object)
		bpf_program__set_autoload(program, false);
	if (bpf_object__load(object))
		return 1;
	for (int i = 0; i < 3; i++)
		bpf_map_update_elem(bpf_object__find_map_fd_by_name(object, names[i]), &pid, values, BPF_ANY);
	while (read(0, &byte, 1) == 1) {
		double start = cpu_us();

		for (int i = 0; i < COLLECTIONS * 3; i++)
			collect(bpf_object__find_map_fd_by_name(object, names[i % 3]));
		printf("%f\n", (cpu_us() - start) / COLLECTIONS);
		fflush(stdout);
	}
	return 0;
}
