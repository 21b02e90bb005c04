// SPDX-License-Identifier: Apache-2.0
/*
 * Stands between a loader and the kernel: takes the loader's system calls for BPF, says yes to all of them, and
 * prints as a JSON value a line what was asked. Two loaders that ask the same are printed the same.
 *
 * Linked into a program it is found before the C library, as a shared object it can stand in for the C library:
 * so no kernel ever sees an object, no privilege is needed, and every feature of every kernel is there. What it
 * does not take goes on to the kernel.
 *
 * Descriptors are printed as numbers; who knows what they stand for can name them.
 */
#define _GNU_SOURCE
#include "kernel.h"
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/bpf.h>
#include <linux/btf.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BTF_FOLDER "/sys/kernel/btf"
/* Where libbpf looks whether the kernel has kprobes, and what it finds there. */
#define KPROBE_TYPE_PATH "/sys/bus/event_source/devices/kprobe/type"
#define KPROBE_TYPE "6\n"
#define MAX_FD 4096
#define MAX_MODULES 64

/* What a descriptor is. */
struct object {
	/* What a map was created with, and the map that stands for its values' maps. */
	union bpf_attr attributes;
	union bpf_attr inner;
	bool is_btf;
	/* Name of the module whose BTF it is, if it is a module's, and its number from 1 on. */
	const char *module;
	unsigned int id;
};

static struct object objects[MAX_FD];
static char folder[PATH_MAX] = BTF_FOLDER;
static unsigned int newest_known = NR_BTF_KINDS;
static char *modules[MAX_MODULES];
static unsigned int module_count;

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void kernel_begin(const char *btf_folder, unsigned int newest_kind)
{
	DIR *directory = opendir(btf_folder);
	struct dirent *entry;

	snprintf(folder, sizeof(folder), "%s", btf_folder);
	newest_known = newest_kind;
	while (module_count)
		free(modules[--module_count]);
	while (directory && (entry = readdir(directory)))
		if (entry->d_name[0] != '.' && strcmp(entry->d_name, "vmlinux") && module_count < MAX_MODULES)
			modules[module_count++] = strdup(entry->d_name);
	qsort(modules, module_count, sizeof(*modules), by_name);
	if (directory)
		closedir(directory);
}

void kernel_flush(void)
{
	fflush(stdout);
}

static struct object *new_object(int *fd)
{
	*fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (*fd < 0 || *fd >= MAX_FD) {
		fprintf(stderr, "too many descriptors\n");
		exit(3);
	}
	memset(&objects[*fd], 0, sizeof(*objects));
	return &objects[*fd];
}

static void print_hex(const char *name, const void *data, size_t length)
{
	const unsigned char *bytes = data;

	printf("\"%s\":\"", name);
	for (size_t at = 0; at < length; at++)
		printf("%02x", bytes[at]);
	printf("\"");
}

/* The kernel looks at BTF only for the types of keys and values. */
static bool has_btf(const union bpf_attr *attr)
{
	return attr->btf_fd && (attr->btf_key_type_id || attr->btf_value_type_id);
}

static void print_map(const union bpf_attr *attr)
{
	printf("\"type\":%u,\"keySize\":%u,\"valueSize\":%u,\"maxEntries\":%u,\"flags\":%u,\"extra\":%llu,"
	       "\"numaNode\":%u,\"keyType\":%u,\"valueType\":%u,\"hasBtf\":%s",
	       attr->map_type, attr->key_size, attr->value_size, attr->max_entries, attr->map_flags,
	       (unsigned long long)attr->map_extra, attr->numa_node, attr->btf_key_type_id,
	       attr->btf_value_type_id, has_btf(attr) ? "true" : "false");
}

static long create_map(const union bpf_attr *attr)
{
	int fd;
	struct object *map = new_object(&fd);

	map->attributes = *attr;
	printf("{\"kind\":\"map\",\"fd\":%d,\"kernelName\":\"%.*s\",", fd, BPF_OBJ_NAME_LEN, attr->map_name);
	print_map(attr);
	if (attr->inner_map_fd) {
		printf(",\"inner\":{");
		print_map(&objects[attr->inner_map_fd].attributes);
		printf("}");
	}
	printf("}\n");
	return fd;
}

static long update_element(const union bpf_attr *attr)
{
	const union bpf_attr *map = &objects[attr->map_fd].attributes;
	const void *value = (const void *)attr->value;

	printf("{\"kind\":\"value\",\"map\":%u,", attr->map_fd);
	print_hex("key", (const void *)attr->key, map->key_size);
	switch (map->map_type) {
	case BPF_MAP_TYPE_ARRAY_OF_MAPS:
	case BPF_MAP_TYPE_HASH_OF_MAPS:
	case BPF_MAP_TYPE_PROG_ARRAY:
		printf(",\"reference\":%d}\n", *(const int *)value);
		return 0;
	default:
		printf(",");
		print_hex("value", value, map->value_size);
		printf("}\n");
		return 0;
	}
}

static const char *module_name(unsigned int fd)
{
	const char *name = fd < MAX_FD ? objects[fd].module : NULL;

	return name ? name : fd ? "?" : "";
}

static bool is_wide(const struct bpf_insn *instruction)
{
	return instruction->code == (BPF_LD | BPF_IMM | BPF_DW);
}

static bool is_map(const struct bpf_insn *instruction)
{
	return is_wide(instruction) &&
	       (instruction->src_reg == BPF_PSEUDO_MAP_FD || instruction->src_reg == BPF_PSEUDO_MAP_VALUE);
}

static bool is_kernel_variable(const struct bpf_insn *instruction)
{
	return is_wide(instruction) && instruction->src_reg == BPF_PSEUDO_BTF_ID;
}

static bool is_kernel_function(const struct bpf_insn *instruction)
{
	return instruction->code == (BPF_JMP | BPF_CALL) && instruction->src_reg == BPF_PSEUDO_KFUNC_CALL;
}

/* Instructions with 0 in place of descriptors; maps and modules that these stand for follow, by instruction. */
static void print_instructions(const union bpf_attr *attr)
{
	const struct bpf_insn *instructions = (const struct bpf_insn *)attr->insns;
	const int *fds = (const int *)attr->fd_array;
	const char *separator = "";

	printf("\"instructions\":\"");
	for (size_t at = 0; at < attr->insn_cnt; at++) {
		struct bpf_insn copy = instructions[at];
		const unsigned char *bytes = (const unsigned char *)&copy;
		bool is_second = at && is_wide(&instructions[at - 1]);

		if (!is_second && is_map(&copy))
			copy.imm = 0;
		if (is_second && is_kernel_variable(&instructions[at - 1]))
			copy.imm = 0;
		for (size_t byte = 0; byte < sizeof(copy); byte++)
			printf("%02x", bytes[byte]);
	}
	printf("\",\"maps\":{");
	for (size_t at = 0; at < attr->insn_cnt; at += is_wide(&instructions[at]) ? 2 : 1)
		if (is_map(&instructions[at])) {
			printf("%s\"%zu\":%d", separator, at, instructions[at].imm);
			separator = ",";
		}
	printf("},\"modules\":{");
	separator = "";
	for (size_t at = 0; at < attr->insn_cnt; at += is_wide(&instructions[at]) ? 2 : 1) {
		unsigned int fd = 0;

		if (is_kernel_variable(&instructions[at]))
			fd = instructions[at + 1].imm;
		else if (is_kernel_function(&instructions[at]) && instructions[at].off)
			fd = fds ? fds[instructions[at].off] : INT_MAX;
		if (!fd)
			continue;
		printf("%s\"%zu\":\"%s\"", separator, at, module_name(fd));
		separator = ",";
	}
	printf("}");
}

/* The words of each record of function or line information. */
static void print_records(const char *name, __u64 address, __u32 size, __u32 count)
{
	const __u32 *words = (const __u32 *)address;

	printf(",\"%sSize\":%u,\"%s\":[", name, size, name);
	for (__u32 at = 0; at < count; at++) {
		printf(at ? ",[" : "[");
		for (__u32 word = 0; word < size / sizeof(*words); word++)
			printf(word ? ",%u" : "%u", *words++);
		printf("]");
	}
	printf("]");
}

static long load_program(const union bpf_attr *attr)
{
	int fd;

	new_object(&fd);
	printf("{\"kind\":\"program\",\"fd\":%d,\"kernelName\":\"%.*s\",\"type\":%u,\"attachType\":%u,\"flags\":%u,"
	       "\"attachBtfId\":%u,\"attachModule\":\"%s\",\"license\":\"%s\",\"kernelVersion\":%u,\"device\":%u,"
	       "\"btf\":%u,",
	       fd, BPF_OBJ_NAME_LEN, attr->prog_name, attr->prog_type, attr->expected_attach_type,
	       attr->prog_flags, attr->attach_btf_id, module_name(attr->attach_btf_obj_fd),
	       (const char *)attr->license, attr->kern_version, attr->prog_ifindex, attr->prog_btf_fd);
	print_instructions(attr);
	print_records("functions", attr->func_info, attr->func_info_rec_size, attr->func_info_cnt);
	print_records("lines", attr->line_info, attr->line_info_rec_size, attr->line_info_cnt);
	printf("}\n");
	return fd;
}

static size_t type_size(const struct btf_type *type)
{
	size_t length = BTF_INFO_VLEN(type->info);

	switch (BTF_INFO_KIND(type->info)) {
	case BTF_KIND_INT:
	case BTF_KIND_VAR:
	case BTF_KIND_DECL_TAG:
		return sizeof(*type) + sizeof(__u32);
	case BTF_KIND_ARRAY:
		return sizeof(*type) + sizeof(struct btf_array);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return sizeof(*type) + length * sizeof(struct btf_member);
	case BTF_KIND_ENUM:
		return sizeof(*type) + length * sizeof(struct btf_enum);
	case BTF_KIND_ENUM64:
		return sizeof(*type) + length * sizeof(struct btf_enum64);
	case BTF_KIND_FUNC_PROTO:
		return sizeof(*type) + length * sizeof(struct btf_param);
	case BTF_KIND_DATASEC:
		return sizeof(*type) + length * sizeof(struct btf_var_secinfo);
	default:
		return sizeof(*type);
	}
}

/* Enumerations with a sign came with those of 64 bits. */
static bool knows_types(const struct btf_header *header)
{
	const char *first = (const char *)header + header->hdr_len + header->type_off;
	const struct btf_type *type;

	for (const char *at = first; at < first + header->type_len; at += type_size(type)) {
		type = (const struct btf_type *)at;
		if (BTF_INFO_KIND(type->info) > newest_known)
			return false;
		if (BTF_INFO_KIND(type->info) == BTF_KIND_ENUM && BTF_INFO_KFLAG(type->info) &&
		    newest_known < BTF_KIND_ENUM64)
			return false;
	}
	return true;
}

static long load_btf(const union bpf_attr *attr)
{
	int fd;

	if (!knows_types((const struct btf_header *)attr->btf)) {
		errno = EINVAL;
		return -1;
	}
	new_object(&fd)->is_btf = true;
	printf("{\"kind\":\"btf\",\"fd\":%d,", fd);
	print_hex("bytes", (const void *)attr->btf, attr->btf_size);
	printf("}\n");
	return fd;
}

static long next_btf(union bpf_attr *attr)
{
	if (attr->start_id >= module_count) {
		errno = ENOENT;
		return -1;
	}
	attr->next_id = attr->start_id + 1;
	return 0;
}

static long open_btf(const union bpf_attr *attr)
{
	int fd;
	struct object *btf;

	if (attr->btf_id - 1 >= module_count) {
		errno = ENOENT;
		return -1;
	}
	btf = new_object(&fd);
	btf->is_btf = true;
	btf->id = attr->btf_id;
	btf->module = modules[attr->btf_id - 1];
	return fd;
}

/* Reads as much of a module's BTF as there is room for: its size. */
static __u32 read_module(const char *module, void *buffer, __u32 room)
{
	char path[PATH_MAX + NAME_MAX + 2];
	struct stat status = {};
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, module);
	file = fopen(path, "r");
	if (!file || fstat(fileno(file), &status) ||
	    (buffer && !fread(buffer, 1, room < status.st_size ? room : status.st_size, file)))
		exit(3);
	fclose(file);
	return status.st_size;
}

static long tell_btf(union bpf_attr *attr)
{
	struct bpf_btf_info *info = (struct bpf_btf_info *)attr->info.info;
	const struct object *btf = &objects[attr->info.bpf_fd];

	if (!btf->is_btf) {
		errno = EINVAL;
		return -1;
	}
	if (!btf->module)
		return 0;
	info->id = btf->id;
	if (info->name)
		snprintf((char *)info->name, info->name_len, "%s", btf->module);
	info->kernel_btf = 1;
	info->btf_size = read_module(btf->module, (void *)info->btf, info->btf_size);
	return 0;
}

/* What a loader leaves out is 0. */
static long bpf(int command, union bpf_attr *reply, size_t size)
{
	union bpf_attr whole = {};
	const union bpf_attr *attr = &whole;

	memcpy(&whole, reply, size < sizeof(whole) ? size : sizeof(whole));
	switch (command) {
	case BPF_MAP_CREATE:
		return create_map(attr);
	case BPF_MAP_UPDATE_ELEM:
		return update_element(attr);
	case BPF_MAP_FREEZE:
		printf("{\"kind\":\"frozen\",\"map\":%u}\n", attr->map_fd);
		return 0;
	case BPF_PROG_LOAD:
		return load_program(attr);
	case BPF_PROG_BIND_MAP:
		return 0;
	case BPF_BTF_LOAD:
		return load_btf(attr);
	case BPF_BTF_GET_NEXT_ID:
		return next_btf(reply);
	case BPF_BTF_GET_FD_BY_ID:
		return open_btf(attr);
	case BPF_OBJ_GET_INFO_BY_FD:
		return tell_btf(reply);
	case BPF_LINK_CREATE:
		/* A kernel that knows links to performance events says this of a wrong descriptor. */
		errno = EBADF;
		return -1;
	default:
		errno = EINVAL;
		return -1;
	}
}

static const char *redirected(const char *path)
{
	static char other[2 * PATH_MAX];
	size_t length = strlen(BTF_FOLDER);

	if (strncmp(path, BTF_FOLDER, length) || (path[length] && path[length] != '/'))
		return path;
	snprintf(other, sizeof(other), "%s%s", folder, path + length);
	return other;
}

long syscall(long number, ...)
{
	static long (*next)(long, ...);
	long words[6];
	va_list arguments;
	int fd;

	va_start(arguments, number);
	for (int at = 0; at < 6; at++)
		words[at] = va_arg(arguments, long);
	va_end(arguments);
	switch ((int)number) {
	case __NR_bpf:
		return bpf(words[0], (union bpf_attr *)words[1], (unsigned int)words[2]);
	case __NR_perf_event_open:
		new_object(&fd);
		return fd;
	case __NR_statx:
		words[1] = (long)redirected((const char *)words[1]);
	}
	if (!next)
		next = dlsym(RTLD_NEXT, "syscall");
	return next(number, words[0], words[1], words[2], words[3], words[4], words[5]);
}

int open(const char *path, int flags, ...)
{
	va_list arguments;
	mode_t mode;

	va_start(arguments, flags);
	mode = va_arg(arguments, mode_t);
	va_end(arguments);
	return openat(AT_FDCWD, redirected(path), flags, mode);
}

FILE *fopen64(const char *path, const char *mode)
{
	if (strcmp(path, KPROBE_TYPE_PATH) == 0)
		return fmemopen(KPROBE_TYPE, strlen(KPROBE_TYPE), mode);
	return fopen(redirected(path), mode);
}

int faccessat(int directory, const char *path, int mode, int flags)
{
	(void)directory;
	(void)flags;
	return access(redirected(path), mode);
}
