// SPDX-License-Identifier: Apache-2.0
/*
 * Has libbpf load an object and prints, as a JSON value a line, what it would have asked of the kernel: every
 * map, every initial value, every program.
 *
 *	oracle OBJECT BTF
 *
 * BTF is the target of CO-RE relocations, and what libbpf takes for the running kernel's BTF, where it looks
 * for attach targets and kernel symbols.
 *
 * libbpf finds the functions of this program before those of the C library, so `syscall()` below is what it
 * calls: no kernel ever sees an object, no privilege is needed, and every feature of every kernel is there.
 */
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Where libbpf looks whether the kernel has kprobes, and what it finds there. */
#define KPROBE_TYPE_PATH "/sys/bus/event_source/devices/kprobe/type"
#define KPROBE_TYPE "6\n"
#define VMLINUX_PATH "/sys/kernel/btf/vmlinux"
#define MAX_FD 4096
#define MAX_PROGRAMS 256
#define MAX_REASON 8192

/* What a map was created with, and the map that stands for its values' maps. */
struct created_map {
	union bpf_attr attributes;
	union bpf_attr inner;
};

static struct created_map created[MAX_FD];
static struct bpf_object *object;
static const char *vmlinux;
static char reason[MAX_REASON];

static int new_descriptor(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (fd >= MAX_FD)
		fd = -1;
	return fd;
}

static const char *map_name(int fd)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, object)
		if (bpf_map__fd(map) == fd)
			return bpf_map__name(map);
	return "?";
}

static const char *program_name(int fd)
{
	struct bpf_program *program;

	bpf_object__for_each_program(program, object)
		if (fd >= 0 && bpf_program__fd(program) == fd)
			return bpf_program__name(program);
	return "?";
}

static void print_hex(const char *name, const void *data, size_t length)
{
	const unsigned char *bytes = data;

	printf("\"%s\":\"", name);
	for (size_t at = 0; at < length; at++)
		printf("%02x", bytes[at]);
	printf("\"");
}

static void print_attributes(const union bpf_attr *attr)
{
	printf("\"type\":%u,\"keySize\":%u,\"valueSize\":%u,\"maxEntries\":%u,\"flags\":%u,\"extra\":%llu,"
	       "\"numaNode\":%u,\"keyType\":%u,\"valueType\":%u",
	       attr->map_type, attr->key_size, attr->value_size, attr->max_entries, attr->map_flags,
	       (unsigned long long)attr->map_extra, attr->numa_node, attr->btf_key_type_id,
	       attr->btf_value_type_id);
}

static void print_maps(void)
{
	const struct created_map *record;
	struct bpf_map *map;

	bpf_object__for_each_map(map, object) {
		if (bpf_map__fd(map) < 0)
			continue;
		record = &created[bpf_map__fd(map)];
		printf("{\"kind\":\"map\",\"name\":\"%s\",", bpf_map__name(map));
		print_attributes(&record->attributes);
		if (record->attributes.inner_map_fd) {
			printf(",\"inner\":{");
			print_attributes(&record->inner);
			printf("}");
		}
		printf("}\n");
	}
}

static long create_map(const union bpf_attr *attr)
{
	int fd = new_descriptor();

	if (fd < 0)
		return -1;
	created[fd].attributes = *attr;
	if (attr->inner_map_fd)
		created[fd].inner = created[attr->inner_map_fd].attributes;
	return fd;
}

/* Values that are descriptors are printed as names. */
static long update_element(const union bpf_attr *attr)
{
	const union bpf_attr *map = &created[attr->map_fd].attributes;
	const void *value = (const void *)attr->value;
	int fd = map->value_size == sizeof(fd) ? *(const int *)value : -1;

	printf("{\"kind\":\"value\",\"map\":\"%s\",", map_name(attr->map_fd));
	print_hex("key", (const void *)attr->key, map->key_size);
	switch (map->map_type) {
	case BPF_MAP_TYPE_ARRAY_OF_MAPS:
	case BPF_MAP_TYPE_HASH_OF_MAPS:
		printf(",\"reference\":\"%s\"}\n", map_name(fd));
		return 0;
	case BPF_MAP_TYPE_PROG_ARRAY:
		printf(",\"reference\":\"%s\"}\n", program_name(fd));
		return 0;
	default:
		printf(",");
		print_hex("value", value, map->value_size);
		printf("}\n");
		return 0;
	}
}

/* Instructions with 0 in place of descriptors; the maps that these stand for follow, by instruction. */
static void print_instructions(const struct bpf_insn *instructions, size_t count)
{
	const char *separator = "";

	printf("\"instructions\":\"");
	for (size_t at = 0; at < count; at++) {
		struct bpf_insn copy = instructions[at];
		const unsigned char *bytes = (const unsigned char *)&copy;

		if (copy.code == (BPF_LD | BPF_IMM | BPF_DW) &&
		    (copy.src_reg == BPF_PSEUDO_MAP_FD || copy.src_reg == BPF_PSEUDO_MAP_VALUE))
			copy.imm = 0;
		for (size_t byte = 0; byte < sizeof(copy); byte++)
			printf("%02x", bytes[byte]);
	}
	printf("\",\"maps\":{");
	for (size_t at = 0; at < count; at++) {
		if (instructions[at].code != (BPF_LD | BPF_IMM | BPF_DW))
			continue;
		if (instructions[at].src_reg == BPF_PSEUDO_MAP_FD ||
		    instructions[at].src_reg == BPF_PSEUDO_MAP_VALUE) {
			printf("%s\"%zu\":\"%s\"", separator, at, map_name(instructions[at].imm));
			separator = ",";
		}
		at++;
	}
	printf("}");
}

/* Offset and the number after it, of each record of function or line information. */
static void print_records(const char *name, __u64 address, __u32 size, __u32 count, bool all)
{
	const char *record = (const char *)address;

	printf(",\"%s\":[", name);
	for (__u32 at = 0; at < count; at++, record += size) {
		const __u32 *words = (const __u32 *)record;

		printf(all ? "%s[%u,%u,%u,%u]" : "%s[%u,%u]", at ? "," : "", words[0], words[1], words[2], words[3]);
	}
	printf("]");
}

static long load_program(const union bpf_attr *attr)
{
	struct bpf_program *program;

	/* What libbpf loads in order to see what the kernel knows belongs to no program of the object. */
	bpf_object__for_each_program(program, object) {
		if ((__u64)bpf_program__insns(program) != attr->insns)
			continue;
		printf("{\"kind\":\"program\",\"name\":\"%s\",\"section\":\"%s\",\"type\":%u,\"attachType\":%u,"
		       "\"flags\":%u,\"attachBtfId\":%u,",
		       bpf_program__name(program), bpf_program__section_name(program), attr->prog_type,
		       attr->expected_attach_type, attr->prog_flags, attr->attach_btf_id);
		print_instructions((const struct bpf_insn *)attr->insns, attr->insn_cnt);
		print_records("functions", attr->func_info, attr->func_info_rec_size, attr->func_info_cnt, false);
		print_records("lines", attr->line_info, attr->line_info_rec_size, attr->line_info_cnt, true);
		printf("}\n");
	}
	return new_descriptor();
}

long syscall(long number, ...)
{
	const union bpf_attr *attr;
	va_list arguments;
	int command;

	va_start(arguments, number);
	command = va_arg(arguments, int);
	attr = va_arg(arguments, const union bpf_attr *);
	va_end(arguments);
	if (number == __NR_perf_event_open)
		return new_descriptor();
	errno = ENOSYS;
	if (number != __NR_bpf)
		return -1;
	switch (command) {
	case BPF_MAP_CREATE:
		return create_map(attr);
	case BPF_MAP_UPDATE_ELEM:
		return update_element(attr);
	case BPF_PROG_LOAD:
		return load_program(attr);
	case BPF_BTF_LOAD:
		return new_descriptor();
	case BPF_MAP_FREEZE:
	case BPF_PROG_BIND_MAP:
		return 0;
	case BPF_LINK_CREATE:
		/* A kernel that knows links to performance events says this of a wrong descriptor. */
		errno = EBADF;
		return -1;
	case BPF_BTF_GET_NEXT_ID:
		/* No module has BTF. */
		errno = ENOENT;
		return -1;
	default:
		errno = EINVAL;
		return -1;
	}
}

FILE *fopen64(const char *path, const char *mode)
{
	if (strcmp(path, KPROBE_TYPE_PATH) == 0)
		return fmemopen(KPROBE_TYPE, strlen(KPROBE_TYPE), mode);
	return fopen(strcmp(path, VMLINUX_PATH) == 0 ? vmlinux : path, mode);
}

int faccessat(int directory, const char *path, int mode, int flags)
{
	(void)directory;
	(void)flags;
	return access(strcmp(path, VMLINUX_PATH) == 0 ? vmlinux : path, mode);
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
static int load(const char *path, const char *btf, const bool *refused)
{
	LIBBPF_OPTS(bpf_object_open_opts, options, .btf_custom_path = btf);
	struct bpf_program *program;
	int index = 0;

	reason[0] = 0;
	object = bpf_object__open_file(path, &options);
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
static void load_what_can_be(const char *path, const char *btf, int count)
{
	bool refused[MAX_PROGRAMS] = {};

	while (load(path, btf, refused)) {
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
		printf("{\"kind\":\"again\"}\n");
	}
	print_maps();
	bpf_object__close(object);
}

int main(int argc, char **argv)
{
	int count;

	if (argc != 3)
		return 2;
	vmlinux = argv[2];
	libbpf_set_print(remember);
	count = describe(argv[1]);
	if (count > MAX_PROGRAMS)
		return 2;
	if (count < 0) {
		fprintf(stderr, "%s\n", reason);
		return 1;
	}
	load_what_can_be(argv[1], argv[2], count);
	return 0;
}
