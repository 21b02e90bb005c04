// SPDX-License-Identifier: Apache-2.0
/*
 * Has libbpf relocate the programs of an object and prints, a line each, name and instructions in
 * hexadecimal.
 *
 * A handler of our own takes the instructions right before they would go to the kernel, and stops the load
 * there: so programs are compared, too, that this kernel would refuse.
 */
#include <bpf/libbpf.h>
#include <stdio.h>

static int print_instructions(struct bpf_program *program, struct bpf_prog_load_opts *opts, long cookie)
{
	const unsigned char *bytes = (const unsigned char *)bpf_program__insns(program);
	size_t length = bpf_program__insn_cnt(program) * sizeof(struct bpf_insn);

	(void)opts;
	(void)cookie;
	printf("%s ", bpf_program__name(program));
	for (size_t at = 0; at < length; at++)
		printf("%02x", bytes[at]);
	printf("\n");
	return -1;
}

static int silent(enum libbpf_print_level level, const char *format, va_list arguments)
{
	(void)level;
	(void)format;
	(void)arguments;
	return 0;
}

/* Relocates the program at `index` and no other: 0, or 1 if there is none. */
static int relocate(const char *path, int index)
{
	struct bpf_object *object = bpf_object__open_file(path, NULL);
	struct bpf_program *program;
	int position = 0, found = 0;

	if (!object)
		return 1;
	bpf_object__for_each_program(program, object) {
		found |= position == index;
		bpf_program__set_autoload(program, position++ == index);
	}
	if (found)
		bpf_object__load(object);
	bpf_object__close(object);
	return !found;
}

int main(int argc, char **argv)
{
	static const char *const sections[] = { "tp_btf+", "fentry+", "fexit+", "raw_tp+", "tp+", "tracepoint+",
						"kprobe+", "kretprobe+", "ksyscall+", "kretsyscall+" };
	LIBBPF_OPTS(libbpf_prog_handler_opts, options, .prog_prepare_load_fn = print_instructions);

	if (argc != 2)
		return 2;
	libbpf_set_print(silent);
	for (size_t at = 0; at < sizeof(sections) / sizeof(*sections); at++)
		libbpf_register_prog_handler(sections[at], BPF_PROG_TYPE_TRACEPOINT, 0, &options);
	for (int index = 0; !relocate(argv[1], index); index++)
		;
	return 0;
}
