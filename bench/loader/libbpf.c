// SPDX-License-Identifier: Apache-2.0
/*
 * Loads an object with libbpf, as the command line tells: `name=value` sets a constant, `-name` leaves a map
 * out, any other word is a program.
 *
 *   libbpf load OBJECT WORD...    for each byte on standard input: loads, prints milliseconds in all and in
 *                                 the kernel, closes
 *   libbpf attach OBJECT WORD...  loads and attaches, says so on standard error as ktm does, and ends
 *   libbpf btf NAME...            milliseconds for opening the kernel's BTF and finding these types
 */
#define _GNU_SOURCE /* RTLD_NEXT */
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <dlfcn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double kernel_ms;

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

/* Stands before libc's: libbpf calls bpf() and perf_event_open() through it. */
long syscall(long number, ...)
{
	static long (*real)(long, ...);
	va_list list;
	long a[6], result;
	double start;

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "syscall");
	va_start(list, number);
	for (int index = 0; index < 6; index++)
		a[index] = va_arg(list, long);
	va_end(list);
	start = now_ms();
	result = real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
	kernel_ms += now_ms() - start;
	return result;
}

static int silent(enum libbpf_print_level level, const char *format, va_list arguments)
{
	(void)level;
	(void)format;
	(void)arguments;
	return 0;
}

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void set_constant(struct bpf_object *object, const char *word, size_t length)
{
	const struct btf *btf = bpf_object__btf(object);
	struct bpf_map *map;
	size_t size;

	bpf_object__for_each_map(map, object) {
		const char *section = strchr(bpf_map__name(map), '.');
		char *content = (char *)bpf_map__initial_value(map, &size);
		const struct btf_type *type;
		struct btf_var_secinfo *variable;
		unsigned long value = strtoul(word + length + 1, NULL, 10);
		int id = section && content ? btf__find_by_name_kind(btf, section, BTF_KIND_DATASEC) : -1;

		if (id < 0)
			continue;
		type = btf__type_by_id(btf, id);
		variable = btf_var_secinfos(type);
		for (int index = 0; index < btf_vlen(type); index++, variable++) {
			const char *name = btf__name_by_offset(btf, btf__type_by_id(btf, variable->type)->name_off);

			if (strlen(name) == length && strncmp(name, word, length) == 0)
				memcpy(content + variable->offset, &value, variable->size);
		}
	}
}

static struct bpf_object *load(const char *path, char **words)
{
	struct bpf_object *object = bpf_object__open_file(path, NULL);
	struct bpf_program *program;

	if (!object)
		fail("open");
	bpf_object__for_each_program(program, object)
		bpf_program__set_autoload(program, false);
	for (; *words; words++) {
		const char *equals = strchr(*words, '=');

		if (equals)
			set_constant(object, *words, equals - *words);
		else if (**words == '-')
			bpf_map__set_autocreate(bpf_object__find_map_by_name(object, *words + 1), false);
		else
			bpf_program__set_autoload(bpf_object__find_program_by_name(object, *words), true);
	}
	if (bpf_object__load(object))
		fail("load");
	return object;
}

static void load_on_demand(const char *path, char **words)
{
	while (getchar() != EOF) {
		double start = now_ms(), before = kernel_ms;
		struct bpf_object *object = load(path, words);

		printf("%f %f\n", now_ms() - start, kernel_ms - before);
		fflush(stdout);
		bpf_object__close(object);
	}
}

static void attach(const char *path, char **words)
{
	struct bpf_object *object = load(path, words);
	struct bpf_program *program;

	bpf_object__for_each_program(program, object)
		if (bpf_program__autoload(program) && !bpf_program__attach(program))
			fail(bpf_program__name(program));
	fprintf(stderr, "Watching the target\n");
}

static void find(char **names)
{
	double start = now_ms();
	struct btf *btf = btf__load_vmlinux_btf();

	if (!btf)
		fail("vmlinux");
	for (; *names; names++)
		btf__find_by_name(btf, *names);
	printf("%f\n", now_ms() - start);
}

int main(int argc, char **argv)
{
	libbpf_set_print(silent);
	if (argc > 2 && strcmp(argv[1], "load") == 0)
		load_on_demand(argv[2], argv + 3);
	else if (argc > 2 && strcmp(argv[1], "attach") == 0)
		attach(argv[2], argv + 3);
	else if (argc > 1 && strcmp(argv[1], "btf") == 0)
		find(argv + 2);
	else
		return 2;
	return 0;
}
