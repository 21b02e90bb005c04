// SPDX-License-Identifier: Apache-2.0
/*
 * Loads an object with libbpf and prints, a line each, the name of every program and its instructions
 * in hexadecimal after relocation.
 */
#include <bpf/libbpf.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	struct bpf_object *object;
	struct bpf_program *program;

	if (argc != 2)
		return 2;
	object = bpf_object__open_file(argv[1], NULL);
	if (!object || bpf_object__load(object))
		return 1;
	bpf_object__for_each_program(program, object) {
		const unsigned char *bytes = (const unsigned char *)bpf_program__insns(program);
		size_t length = bpf_program__insn_cnt(program) * sizeof(struct bpf_insn);

		printf("%s ", bpf_program__name(program));
		for (size_t at = 0; at < length; at++)
			printf("%02x", bytes[at]);
		printf("\n");
	}
	bpf_object__close(object);
	return 0;
}
