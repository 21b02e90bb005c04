// SPDX-License-Identifier: Apache-2.0
/*
 * Has libbpf load an object and prints, as a JSON value a line, what it asks of the kernel: every map, every
 * initial value, the BTF, every program.
 *
 *	oracle OBJECT BTF-FOLDER NEWEST-KIND
 *
 * The folder is taken for /sys/kernel/btf: its `vmlinux` is the target of CO-RE relocations and where libbpf
 * looks for attach targets and kernel symbols, and every other file is a module's. The last argument is the
 * newest kind of BTF types that the kernel knows. The kernel is that of kernel.c.
 */
#include "kernel.h"
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_PROGRAMS 256
#define MAX_REASON 8192

static struct bpf_object *object;
static char reason[MAX_REASON];

/* What the descriptors stand for that the kernel has given. */
static void print_names(void)
{
	struct bpf_program *program;
	struct bpf_map *map;

	bpf_object__for_each_map(map, object)
		if (bpf_map__fd(map) >= 0)
			printf("{\"kind\":\"named map\",\"fd\":%d,\"name\":\"%s\"}\n", bpf_map__fd(map),
			       bpf_map__name(map));
	bpf_object__for_each_program(program, object)
		if (bpf_program__fd(program) >= 0)
			printf("{\"kind\":\"named program\",\"fd\":%d,\"name\":\"%s\"}\n",
			       bpf_program__fd(program), bpf_program__name(program));
}

static int remember(enum libbpf_print_level level, const char *format, va_list arguments)
{
	size_t length = strlen(reason);

	if (level != LIBBPF_WARN)
		return 0;
	vsnprintf(reason + length, sizeof(reason) - length, format, arguments);
	for (char *at = reason + length; *at; at++)
		if (*at == '"' || *at == '\\' || *at < ' ')
			*at = ' ';
	return 0;
}

/* Loads all programs that are not refused so far, and every map: 0, or the error. */
static int load(const char *path, const bool *refused)
{
	struct bpf_program *program;
	int index = 0;

	reason[0] = 0;
	object = bpf_object__open_file(path, NULL);
	if (!object)
		return -errno;
	bpf_object__for_each_program(program, object)
		bpf_program__set_autoload(program, !refused[index++]);
	return bpf_object__load(object);
}

/* Index of the program that libbpf's last complaint is about, -1 if it is about the whole object. */
static int blamed_program(void)
{
	static const char start[] = "prog '";
	struct bpf_program *program;
	const char *at = NULL;
	int index = 0;

	for (const char *next = strstr(reason, start); next; next = strstr(at, start))
		at = next + strlen(start);
	if (!at)
		return -1;
	bpf_object__for_each_program(program, object) {
		size_t length = strlen(bpf_program__name(program));

		if (strncmp(at, bpf_program__name(program), length) == 0 && at[length] == '\'')
			return index;
		index++;
	}
	return -1;
}

static void print_refusal(int wanted)
{
	struct bpf_program *program;
	int index = 0;

	bpf_object__for_each_program(program, object)
		if (index++ == wanted)
			printf("{\"kind\":\"refused\",\"name\":\"%s\",\"reason\":\"%s\"}\n",
			       bpf_program__name(program), reason);
}

/* What libbpf says of each program before it is loaded. */
static int describe(const char *path)
{
	struct bpf_program *program;
	int count = 0;

	object = bpf_object__open_file(path, NULL);
	if (!object)
		return -1;
	bpf_object__for_each_program(program, object) {
		printf("{\"kind\":\"section\",\"name\":\"%s\",\"section\":\"%s\",\"type\":%u,\"attachType\":%u,"
		       "\"flags\":%u,\"autoload\":%s}\n",
		       bpf_program__name(program), bpf_program__section_name(program),
		       bpf_program__type(program), bpf_program__expected_attach_type(program),
		       bpf_program__flags(program), bpf_program__autoload(program) ? "true" : "false");
		count++;
	}
	bpf_object__close(object);
	return count;
}

/* Where one program is refused all are: then it is left out, and the others are loaded again. */
static void load_what_can_be(const char *path, int count)
{
	bool refused[MAX_PROGRAMS] = {};

	while (load(path, refused)) {
		int blamed = blamed_program();

		if (blamed < 0 || refused[blamed]) {
			printf("{\"kind\":\"no maps\",\"reason\":\"%s\"}\n", reason);
			for (int index = 0; index < count; index++)
				if (!refused[index])
					print_refusal(index);
			bpf_object__close(object);
			return;
		}
		print_refusal(blamed);
		refused[blamed] = true;
		bpf_object__close(object);
	}
	print_names();
	bpf_object__close(object);
}

int main(int argc, char **argv)
{
	int count;

	if (argc != 4)
		return 2;
	kernel_begin(argv[2], atoi(argv[3]));
	libbpf_set_print(remember);
	count = describe(argv[1]);
	if (count > MAX_PROGRAMS)
		return 2;
	if (count < 0) {
		fprintf(stderr, "%s\n", reason);
		return 1;
	}
	load_what_can_be(argv[1], count);
	return 0;
}
