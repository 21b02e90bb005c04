// SPDX-License-Identifier: Apache-2.0
/* The kernel's configuration as variables of every type; whatever is weak may be missing. */
#include "test_helpers.h"

enum libbpf_tristate { TRI_NO = 0, TRI_YES = 1, TRI_MODULE = 2 };

extern unsigned int LINUX_KERNEL_VERSION __kconfig;
extern bool LINUX_HAS_BPF_COOKIE __kconfig;
extern bool LINUX_HAS_SYSCALL_WRAPPER __kconfig;
extern int LINUX_NEVER_HEARD_OF __kconfig __weak;

extern bool CONFIG_BPF_SYSCALL __kconfig;
extern bool CONFIG_NO_SUCH_SETTING __kconfig __weak;
extern enum libbpf_tristate CONFIG_EXT4_FS __kconfig __weak;
extern enum libbpf_tristate CONFIG_BPF __kconfig;
extern int CONFIG_HZ __kconfig;
extern unsigned long CONFIG_LOG_BUF_SHIFT __kconfig __weak;
extern short CONFIG_NR_CPUS __kconfig __weak;
extern char CONFIG_BPF_JIT __kconfig __weak;
extern char CONFIG_LOCALVERSION[20] __kconfig __weak;
extern char CONFIG_CC_VERSION_TEXT[8] __kconfig __weak;
extern char CONFIG_NO_SUCH_TEXT[16] __kconfig __weak;
extern __u64 CONFIG_NO_SUCH_NUMBER __kconfig __weak;
extern __u64 CONFIG_PHYSICAL_ALIGN __kconfig __weak; /* in hexadecimal */
extern __s16 CONFIG_INIT_ENV_ARG_LIMIT __kconfig __weak;
extern char CONFIG_MODULES __kconfig __weak;
extern enum libbpf_tristate CONFIG_NO_SUCH_MODULE __kconfig __weak;
extern char CONFIG_NO_SUCH_LETTER __kconfig __weak;

SEC("raw_tp/sys_enter")
int read_settings(void *ctx)
{
	return LINUX_KERNEL_VERSION + CONFIG_HZ + CONFIG_BPF_SYSCALL + CONFIG_LOG_BUF_SHIFT + CONFIG_NR_CPUS + CONFIG_PHYSICAL_ALIGN + CONFIG_INIT_ENV_ARG_LIMIT;
}

SEC("raw_tp/sys_enter")
int read_tristates(void *ctx)
{
	return CONFIG_EXT4_FS + CONFIG_BPF + (CONFIG_BPF_JIT == 'y') + CONFIG_MODULES + CONFIG_NO_SUCH_MODULE + CONFIG_NO_SUCH_LETTER;
}

SEC("raw_tp/sys_enter")
int read_texts(void *ctx)
{
	return CONFIG_LOCALVERSION[0] + CONFIG_CC_VERSION_TEXT[3] + CONFIG_NO_SUCH_TEXT[0];
}

SEC("raw_tp/sys_enter")
int read_missing_settings(void *ctx)
{
	return CONFIG_NO_SUCH_SETTING + CONFIG_NO_SUCH_NUMBER + LINUX_NEVER_HEARD_OF;
}

SEC("raw_tp/sys_enter")
int read_features(void *ctx)
{
	return LINUX_HAS_BPF_COOKIE + LINUX_HAS_SYSCALL_WRAPPER * 2;
}

static __noinline int through_subprogram(void)
{
	return CONFIG_HZ;
}

SEC("raw_tp/sys_enter")
int read_in_subprogram(void *ctx)
{
	return through_subprogram();
}

LICENSED;
